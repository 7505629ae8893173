// srtplay - SRT players of srtgen's streams: R callers for each of N streams, drained every 5 ms.
//   srtplay -p 9000 -n 10 -r 5 -i '#!::r=live/%d,m=request' -w 10 -t 8
// Prints READY when all are connected, COUNT so many seconds (-w) after the first message was sent, COUNTED after -t more,
// and END once nothing comes any more: what was sent from COUNT on and arrived (msgs), was skipped (missing) or came with a
// wrong header or out of order (wrong), what was skipped before (cold_missing), the sum of the numbers expected next (next),
// and the delay from srtgen's send.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <srt/srt.h>

#define MAGIC 0x4d525331u
#define SECOND 1000000000ull
#define BUCKET 50000ull // ns
static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * SECOND + t.tv_nsec; }

typedef struct player { SRTSOCKET s; uint32_t stream; uint64_t next; } player;
static uint64_t first_sent, count_from, msgs, missing, cold_missing, wrong, last_ns, warm_ns;
static uint32_t delays[20000];

static void account(player* p, const char* m, int n) {
  uint32_t magic, stream; uint64_t number, sent;
  if (n < 28) { wrong++; return; }
  memcpy(&magic, m + 4, 4); memcpy(&stream, m + 8, 4); memcpy(&number, m + 12, 8); memcpy(&sent, m + 20, 8);
  if (magic != MAGIC || stream != p->stream || number < p->next) { wrong++; return; }
  last_ns = now_ns();
  if (!first_sent) { first_sent = sent; count_from = sent + warm_ns; }
  if (sent < count_from) cold_missing += number - p->next;
  else {
    missing += number - p->next; msgs++;
    uint64_t b = (last_ns - sent) / BUCKET; delays[b > 19999 ? 19999 : b]++;
  }
  p->next = number + 1;
}
static void drain(player* p) {
  char m[2048]; int ev, l = sizeof ev, n;
  do {
    if ((n = srt_recvmsg2(p->s, m, sizeof m, NULL)) <= 0) return;
    account(p, m, n); ev = 0; srt_getsockflag(p->s, SRTO_EVENT, &ev, &l);
  } while (ev & (SRT_EPOLL_IN | SRT_EPOLL_ERR));
}
static double percentile(double share) {
  uint64_t all = 0, seen = 0; for (int i = 0; i < 20000; i++) all += delays[i];
  for (int i = 0; i < 20000; i++) if (all && (seen += delays[i]) >= share * all) return (i + 1) * (BUCKET / 1e6);
  return 0;
}

int main(int argc, char** argv) {
  int port = 0, n = 1, r = 1, secs = 10, c, no = 0, lat = 120, buf = 12288000; const char* ids = "#!::r=live/%d,m=request";
  while ((c = getopt(argc, argv, "p:n:r:i:w:t:")) != -1) switch (c) {
    case 'p': port = atoi(optarg); break; case 'n': n = atoi(optarg); break; case 'r': r = atoi(optarg); break;
    case 'i': ids = optarg; break; case 'w': warm_ns = atoi(optarg) * SECOND; break; case 't': secs = atoi(optarg); break; default: return 2; }
  setvbuf(stdout, NULL, _IOLBF, 0);
  srt_startup(); srt_setloglevel(LOG_CRIT);
  int eid = srt_epoll_create(), ev = SRT_EPOLL_IN | SRT_EPOLL_ERR | SRT_EPOLL_ET, k = n * r;
  player* ps = calloc(k, sizeof *ps); player** by_socket = calloc(1 << 16, sizeof *by_socket);
  struct sockaddr_in local = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, to = local; to.sin_port = htons(port);
  for (int i = 0; i < k; i++) {
    player* p = &ps[i]; p->stream = i % n; p->s = srt_create_socket(); char id[512]; snprintf(id, sizeof id, ids, i % n);
    srt_setsockflag(p->s, SRTO_LATENCY, &lat, sizeof lat); srt_setsockflag(p->s, SRTO_UDP_RCVBUF, &buf, sizeof buf); srt_setsockflag(p->s, SRTO_STREAMID, id, strlen(id));
    // All share one local port, and so one receive thread.
    int l = sizeof local;
    if (srt_bind(p->s, (struct sockaddr*)&local, sizeof local) < 0 || srt_connect(p->s, (struct sockaddr*)&to, sizeof to) < 0) {
      fprintf(stderr, "player %d: %s\n", i, srt_getlasterror_str()); return 1;
    }
    srt_getsockname(p->s, (struct sockaddr*)&local, &l);
    srt_setsockflag(p->s, SRTO_RCVSYN, &no, sizeof no); by_socket[p->s & 0xffff] = p; srt_epoll_add_usock(eid, p->s, &ev);
  }
  printf("READY players=%d\n", k);
  SRT_EPOLL_EVENT evs[1024]; int stage = 0; uint64_t began = now_ns();
  for (;;) {
    int got = srt_epoll_uwait(eid, evs, 1024, 0);
    for (int i = 0; i < (got > 1024 ? 1024 : got); i++) drain(by_socket[evs[i].fd & 0xffff]);
    uint64_t t = now_ns();
    if (!first_sent && t - began > 15 * SECOND) { fprintf(stderr, "nothing came\n"); return 1; }
    if (first_sent && stage == 0 && t >= count_from) { stage = 1; puts("COUNT"); }
    if (stage == 1 && t >= count_from + secs * SECOND) { stage = 2; puts("COUNTED"); }
    if (stage == 2 && (t - last_ns > SECOND || t > count_from + (secs + 5) * SECOND)) break;
    usleep(5000);
  }
  uint64_t next = 0; for (int i = 0; i < k; i++) next += ps[i].next;
  printf("END msgs=%llu missing=%llu cold_missing=%llu wrong=%llu next=%llu p50_ms=%.2f p99_ms=%.2f\n", (unsigned long long)msgs, (unsigned long long)missing,
    (unsigned long long)cold_missing, (unsigned long long)wrong, (unsigned long long)next, percentile(0.5), percentile(0.99));
  _exit(0);
}
