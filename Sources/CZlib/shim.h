#pragma once
#include <zlib.h>
// inflateInit2 is a macro, which does not import.
static inline int nj_inflate_init_gzip(z_stream *s) { return inflateInit2(s, 15 + 16); }
