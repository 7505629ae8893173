// The C floor of a ring: one writer, R readers, 1316-byte messages in slots with a sequence lock, polled. A reader gathers what
// it reads in a chunk, as one that delivers does.
//   ringfloor READERS MESSAGES_PER_S NAP_US WARM_S SECONDS
// Prints CPU nanoseconds per delivery, and how many messages readers lost meanwhile.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define MESSAGE_BYTES 1316
#define CHUNK_BYTES 16384
#define SLOTS 2048
#define MAX_READERS 64
#define WRITER_NAP_NS 200000

typedef struct {
    _Atomic uint64_t sequence; // of the message in here, plus 1; all ones while it is written
    uint8_t pad[56];
    uint8_t data[1344];
} Slot;

typedef struct {
    _Atomic uint64_t delivered, lost;
    uint8_t pad[112];
} Counts;

static Slot *ring;
static Counts counts[MAX_READERS];
static uint8_t source[MESSAGE_BYTES];
static double rate;
static long nap_ns;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double cpu_s(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

// Sleeps as LockSupport.parkNanos does: waking up costs more than what it wakes up for, and is not what is compared.
static void nap(int64_t ns) {
    static _Thread_local pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static _Thread_local pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    int64_t until = now_ns() + ns;
    struct timespec t = {until / 1000000000, until % 1000000000};
    pthread_mutex_lock(&lock);
    pthread_cond_clockwait(&never, &lock, CLOCK_MONOTONIC, &t);
    pthread_mutex_unlock(&lock);
}

static void *read_all(void *argument) {
    Counts *mine = argument;
    uint8_t chunk[CHUNK_BYTES];
    size_t length = 0;
    uint64_t next = 0;
    for (;;) {
        Slot *slot = &ring[next & (SLOTS - 1)];
        uint64_t sequence = atomic_load_explicit(&slot->sequence, memory_order_acquire);
        if (sequence == next + 1) {
            if (length + MESSAGE_BYTES > CHUNK_BYTES) length = 0;
            memcpy(chunk + length, slot->data, MESSAGE_BYTES);
            __asm__ volatile("" : : "r"(chunk) : "memory");
            length += MESSAGE_BYTES;
            atomic_thread_fence(memory_order_acquire);
            if (atomic_load_explicit(&slot->sequence, memory_order_relaxed) == next + 1) mine->delivered++;
            else mine->lost++;
            next++;
        } else if (sequence != UINT64_MAX && sequence > next + 1) {
            mine->lost += sequence - 1 - next;
            next = sequence - 1;
        } else {
            length = 0;
            nap(nap_ns);
        }
    }
    return 0;
}

static void *write_all(void *argument) {
    (void)argument;
    uint64_t written = 0;
    int64_t start = now_ns();
    for (;;) {
        if (written >= (uint64_t)((now_ns() - start) / 1e9 * rate)) {
            nap(WRITER_NAP_NS);
            continue;
        }
        Slot *slot = &ring[written & (SLOTS - 1)];
        atomic_store_explicit(&slot->sequence, UINT64_MAX, memory_order_relaxed);
        atomic_thread_fence(memory_order_release);
        memcpy(slot->data, source, MESSAGE_BYTES);
        atomic_store_explicit(&slot->sequence, ++written, memory_order_release);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int readers = atoi(argv[1]);
    rate = atof(argv[2]);
    nap_ns = atol(argv[3]) * 1000;
    if (readers < 1 || readers > MAX_READERS) return 2;
    ring = aligned_alloc(4096, sizeof(Slot) * SLOTS);
    memset(ring, 0, sizeof(Slot) * SLOTS);
    pthread_t thread;
    for (int i = 0; i < readers; i++) pthread_create(&thread, 0, read_all, &counts[i]);
    pthread_create(&thread, 0, write_all, 0);
    nap(atol(argv[4]) * 1000000000);
    uint64_t before = 0, after = 0, lost = 0;
    for (int i = 0; i < readers; i++) before += counts[i].delivered, lost -= counts[i].lost;
    double cpu = cpu_s();
    nap(atol(argv[5]) * 1000000000);
    cpu = cpu_s() - cpu;
    for (int i = 0; i < readers; i++) after += counts[i].delivered, lost += counts[i].lost;
    printf("%.1f %lu\n", cpu * 1e9 / (after - before), lost);
    fflush(stdout);
    _Exit(0);
}
