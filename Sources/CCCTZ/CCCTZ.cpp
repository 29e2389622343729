#include "CCCTZ.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <cstring>
#include <new>

struct nj_zone { cctz::time_zone z; };
using Point = cctz::time_point<cctz::seconds>;
extern "C" nj_zone *nj_zone_load(const char *name) {
  cctz::time_zone z;
  if (!cctz::load_time_zone(name, &z)) return nullptr;
  return new (std::nothrow) nj_zone{z};
}
extern "C" void nj_zone_free(nj_zone *zone) { delete zone; }

extern "C" void nj_zone_lookup(const nj_zone *z, int64_t t, nj_civil *o) {
  auto l = z->z.lookup(Point(cctz::seconds(t)));
  o->year = l.cs.year(); o->month = l.cs.month(); o->day = l.cs.day();
  o->hour = l.cs.hour(); o->minute = l.cs.minute(); o->second = l.cs.second();
  o->weekday = (static_cast<int>(cctz::get_weekday(cctz::civil_day(l.cs))) + 1) % 7;   // 0 is Sunday
  o->offset = l.offset; o->dst = l.is_dst;
  strncpy(o->abbreviation, l.abbr, 7); o->abbreviation[7] = 0;
}
extern "C" int64_t nj_zone_instant(const nj_zone *z, int64_t y, int m, int d, int hh, int mm, int ss) {
  auto c = z->z.lookup(cctz::civil_second(y, m, d, hh, mm, ss));
  Point p = c.kind == cctz::time_zone::civil_lookup::SKIPPED ? c.trans : c.pre;
  return p.time_since_epoch().count();
}
