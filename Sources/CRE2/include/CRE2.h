#pragma once
#include <stddef.h>
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef struct nj_re2 nj_re2;
nj_re2 *nj_re2_new(const char *pat, size_t n, char *err, size_t errn);
void nj_re2_free(nj_re2 *);
bool nj_re2_full_match(const nj_re2 *, const char *s, size_t n);
int nj_re2_groups(const nj_re2 *);
/// the number of the group of this name, -1 where there is none
int nj_re2_group_named(const nj_re2 *, const char *name);
/// fills out[2*i], out[2*i+1] with start/end offsets (-1 when unset); returns false when no match
bool nj_re2_match(const nj_re2 *, const char *s, size_t n, bool anchored, long *out, int ngroups);
#ifdef __cplusplus
}
#endif
