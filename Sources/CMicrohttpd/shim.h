#pragma once
// Everything variadic or macro-shaped in libmicrohttpd, as plain functions Swift can call.
#include <stdarg.h>
#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <microhttpd.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

typedef void (*nj_log_callback)(const char *line);

typedef struct nj_http_options {
  unsigned int flags;
  int listen_fd;
  unsigned int threads;            // 1: one event thread; 2 and more: a pool
  unsigned int connection_limit;
  unsigned int per_ip_limit;       // 0: none
  unsigned int idle_timeout;       // seconds without any activity
  size_t memory_limit;             // per connection: headers, read and write buffer
  size_t memory_increment;
  const char *tls_key;             // PEM text; NULL: plain HTTP
  const char *tls_cert;
  const char *tls_trust;           // PEM text of the client CA; NULL: none
  const char *tls_priorities;
  void *cls;
  MHD_AccessHandlerCallback access;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void *(*uri)(void *cls, const char *uri, struct MHD_Connection *con);
  nj_log_callback log;
} nj_http_options;

static inline void nj_http_log(void *cls, const char *fmt, va_list ap) {
  char line[512];
  vsnprintf(line, sizeof line, fmt, ap);
  nj_log_callback f = (nj_log_callback)cls;
  if (f) f(line);
}

static inline struct MHD_Daemon *nj_http_start(const nj_http_options *o) {
  struct MHD_OptionItem items[20];
  int n = 0;
#define NJ_ADD(opt, val, ptr) \
  items[n++] = (struct MHD_OptionItem){ (opt), (intptr_t)(val), (void *)(ptr) }
  NJ_ADD(MHD_OPTION_LISTEN_SOCKET, o->listen_fd, NULL);
  NJ_ADD(MHD_OPTION_NOTIFY_COMPLETED, o->completed, o->cls);
  NJ_ADD(MHD_OPTION_NOTIFY_CONNECTION, o->connection, o->cls);
  NJ_ADD(MHD_OPTION_URI_LOG_CALLBACK, o->uri, o->cls);
  NJ_ADD(MHD_OPTION_CONNECTION_LIMIT, o->connection_limit, NULL);
  NJ_ADD(MHD_OPTION_CONNECTION_TIMEOUT, o->idle_timeout, NULL);
  NJ_ADD(MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->memory_limit, NULL);
  NJ_ADD(MHD_OPTION_CONNECTION_MEMORY_INCREMENT, o->memory_increment, NULL);
  if (o->per_ip_limit) NJ_ADD(MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->per_ip_limit, NULL);
  if (o->threads > 1) NJ_ADD(MHD_OPTION_THREAD_POOL_SIZE, o->threads, NULL);
  if (o->tls_key) {
    NJ_ADD(MHD_OPTION_HTTPS_MEM_KEY, 0, o->tls_key);
    NJ_ADD(MHD_OPTION_HTTPS_MEM_CERT, 0, o->tls_cert);
    NJ_ADD(MHD_OPTION_TLS_NO_ALPN, 0, NULL);
    if (o->tls_trust) NJ_ADD(MHD_OPTION_HTTPS_MEM_TRUST, 0, o->tls_trust);
    if (o->tls_priorities) NJ_ADD(MHD_OPTION_HTTPS_PRIORITIES, 0, o->tls_priorities);
  }
  items[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
#undef NJ_ADD
  // The logger must come first, or messages about the other options are lost.
  return MHD_start_daemon(o->flags, 0, NULL, NULL, o->access, o->cls,
                          MHD_OPTION_EXTERNAL_LOGGER, nj_http_log, (void *)o->log,
                          MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static inline unsigned int nj_http_connection_count(struct MHD_Daemon *d) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(d, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return i ? i->num_connections : 0;
}
static inline int nj_http_connection_fd(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
  return i ? i->connect_fd : -1;
}
static inline const struct sockaddr *nj_http_client_address(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return i ? i->client_addr : NULL;
}
static inline void *nj_http_socket_context(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return i ? i->socket_context : NULL;
}
static inline gnutls_session_t nj_http_tls_session(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return i ? (gnutls_session_t)i->tls_session : NULL;
}
static inline uint64_t nj_http_size_unknown(void) { return MHD_SIZE_UNKNOWN; }

// TLS: credentials of our own per connection, so that a reload needs no restart.
static inline int nj_tls_load(gnutls_certificate_credentials_t *out, const char *cert,
                              const char *key, const char *trust) {
  int r = gnutls_certificate_allocate_credentials(out);
  if (r < 0) return r;
  gnutls_datum_t c = { (unsigned char *)cert, (unsigned)__builtin_strlen(cert) };
  gnutls_datum_t k = { (unsigned char *)key, (unsigned)__builtin_strlen(key) };
  r = gnutls_certificate_set_x509_key_mem(*out, &c, &k, GNUTLS_X509_FMT_PEM);
  if (r >= 0 && trust) {
    gnutls_datum_t t = { (unsigned char *)trust, (unsigned)__builtin_strlen(trust) };
    r = gnutls_certificate_set_x509_trust_mem(*out, &t, GNUTLS_X509_FMT_PEM);
    if (r == 0) r = GNUTLS_E_NO_CERTIFICATE_FOUND;
  }
  if (r < 0) { gnutls_certificate_free_credentials(*out); *out = NULL; return r; }
  return 0;
}
// Ends the handshake when a client certificate is sent that does not verify; none at all is for
// GNUTLS_CERT_REQUIRE to refuse. (gnutls_session_set_verify_cert would refuse "none" as well.)
static inline int nj_tls_verify(gnutls_session_t s) {
  unsigned n = 0, status = 0;
  if (!gnutls_certificate_get_peers(s, &n) || n == 0) return 0;
  if (gnutls_certificate_verify_peers2(s, &status) < 0 || status != 0)
    return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  return 0;
}
// mode: 0 no client certificate, 1 optional (verified when sent), 2 required
static inline void nj_tls_apply(gnutls_session_t s, gnutls_certificate_credentials_t cred, int mode) {
  gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
  gnutls_certificate_server_set_request(
      s, mode == 0 ? GNUTLS_CERT_IGNORE : mode == 1 ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_REQUIRE);
  if (mode != 0) gnutls_session_set_verify_function(s, nj_tls_verify);
}
// Common name of the verified client certificate; 0 bytes when there is none.
static inline size_t nj_tls_peer_name(gnutls_session_t s, char *buf, size_t cap) {
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers(s, &n);
  if (!list || n == 0) return 0;
  gnutls_x509_crt_t crt;
  if (gnutls_x509_crt_init(&crt) < 0) return 0;
  size_t len = 0;
  if (gnutls_x509_crt_import(crt, &list[0], GNUTLS_X509_FMT_DER) >= 0) {
    len = cap;
    if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, buf, &len) < 0) len = 0;
  }
  gnutls_x509_crt_deinit(crt);
  return len;
}
