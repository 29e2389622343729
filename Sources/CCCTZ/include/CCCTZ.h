#pragma once
#include <stdbool.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef struct nj_zone nj_zone;
typedef struct { int64_t year; int month, day, hour, minute, second, weekday, offset; bool dst; char abbreviation[8]; } nj_civil;
nj_zone *nj_zone_load(const char *name);
void nj_zone_free(nj_zone *);
void nj_zone_lookup(const nj_zone *, int64_t unix_seconds, nj_civil *out);
/// Unix seconds of a civil time; of a repeated hour the first, of a skipped one the moment of the jump.
int64_t nj_zone_instant(const nj_zone *, int64_t y, int m, int d, int hh, int mm, int ss);
#ifdef __cplusplus
}
#endif
