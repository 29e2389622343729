#include "CRE2.h"
#include <re2/re2.h>
#include <cstring>
#include <new>
struct nj_re2 { re2::RE2 re; nj_re2(re2::StringPiece p, const re2::RE2::Options &o) : re(p, o) {} };
extern "C" nj_re2 *nj_re2_new(const char *pat, size_t n, char *err, size_t errn) {
  re2::RE2::Options o(re2::RE2::Quiet);
  o.set_dot_nl(true); o.set_max_mem(8 << 20);
  nj_re2 *r = new (std::nothrow) nj_re2(re2::StringPiece(pat, n), o);
  if (!r) return nullptr;
  if (!r->re.ok()) { if (err && errn) { strncpy(err, r->re.error().c_str(), errn - 1); err[errn-1] = 0; } delete r; return nullptr; }
  return r;
}
extern "C" void nj_re2_free(nj_re2 *r) { delete r; }
extern "C" bool nj_re2_full_match(const nj_re2 *r, const char *s, size_t n) { return re2::RE2::FullMatch(re2::StringPiece(s, n), r->re); }
extern "C" int nj_re2_groups(const nj_re2 *r) { return r->re.NumberOfCapturingGroups(); }
extern "C" int nj_re2_group_named(const nj_re2 *r, const char *name) {
  const auto &names = r->re.NamedCapturingGroups();
  auto it = names.find(name);
  return it == names.end() ? -1 : it->second;
}
extern "C" bool nj_re2_match(const nj_re2 *r, const char *s, size_t n, bool anchored, long *out, int ng) {
  re2::StringPiece g[16]; if (ng > 16) ng = 16;
  if (!r->re.Match(re2::StringPiece(s, n), 0, n, anchored ? re2::RE2::ANCHOR_BOTH : re2::RE2::UNANCHORED, g, ng)) return false;
  for (int i = 0; i < ng; i++) { if (g[i].data()) { out[2*i] = g[i].data() - s; out[2*i+1] = out[2*i] + (long)g[i].size(); } else out[2*i] = out[2*i+1] = -1; }
  return true;
}
