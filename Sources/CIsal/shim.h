#pragma once
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
// The stream's state is an array of 100 kB and more, which Swift would import as a tuple.
static inline int nj_gzip(
    const uint8_t *input, uint32_t count, uint8_t *output, uint32_t room, uint32_t *written) {
  struct isal_zstream *stream = malloc(sizeof *stream);
  uint8_t *work = malloc(ISAL_DEF_LVL1_DEFAULT);
  int outcome = STATELESS_OVERFLOW;
  if (stream && work) {
    isal_deflate_stateless_init(stream);
    stream->next_in = (uint8_t *)input;
    stream->avail_in = count;
    stream->end_of_stream = 1;
    stream->next_out = output;
    stream->avail_out = room;
    stream->level = 1;
    stream->level_buf = work;
    stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    stream->gzip_flag = IGZIP_GZIP;
    outcome = isal_deflate_stateless(stream);
    *written = stream->total_out;
  }
  free(work);
  free(stream);
  return outcome;
}
