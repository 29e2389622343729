#pragma once
#include <stdlib.h>
#include <sys/time.h>
#include <hiredis/hiredis.h>

// hiredis allocates an array when its length arrives, before any element of it, and walks all of it
// to free it: a server that announces two billion elements costs 16 GB and many seconds. So the
// elements that may still come are counted here, and an array that is longer is refused.

#if HIREDIS_MAJOR >= 1
typedef size_t nightjar_redis_count;
#else
typedef int nightjar_redis_count;
#endif

typedef struct nightjar_redis_bound {
    redisReplyObjectFunctions functions;
    void *(*create)(const redisReadTask *, nightjar_redis_count);
    long long left;
    int refused;
} nightjar_redis_bound;

static inline void *nightjar_redis_create_array(const redisReadTask *task, nightjar_redis_count count) {
    nightjar_redis_bound *bound = (nightjar_redis_bound *)task->privdata;
    if ((long long)count > bound->left) {
        bound->refused = 1;
        return NULL;
    }
    bound->left -= (long long)count;
    return bound->create(task, count);
}

// Bounds the arrays of a connection; what it returns is freed after the connection.
static inline nightjar_redis_bound *nightjar_redis_bound_arrays(redisContext *context) {
    nightjar_redis_bound *bound = (nightjar_redis_bound *)calloc(1, sizeof *bound);
    if (bound == NULL) return NULL;
    bound->functions = *context->reader->fn;
    bound->create = bound->functions.createArray;
    bound->functions.createArray = nightjar_redis_create_array;
    context->reader->fn = &bound->functions;
    context->reader->privdata = bound;
    return bound;
}
