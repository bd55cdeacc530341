/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * In libFuzzer's place: runs a target on inputs that are put together at random of the words
 * of its dictionary, of pieces of its corpus, and of single bytes. It does not look at what
 * they reach, and does many more of them for it.
 *
 *   build-words/fuzz/TARGET SECONDS SEED MAX_LEN FINDING DICTIONARY CORPUS...
 *
 * SECONDS are of CPU time. The input that breaks a claim, crashes, or does not end is written
 * to the file FINDING. DICTIONARY is libFuzzer's, or a name that is no file's.
 */

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX 4096
#define LIST_MAX  2048

/* So many inputs are made before the clock is looked at. */
#define TURN 256

/* Where these take longer than this, in seconds, one of them does not end. */
#define PATIENCE 60

typedef struct {
    pv_span_t all[LIST_MAX];
    unsigned count;
} list_t;

static list_t words, corpus;

/* What is being made, and the one that is being run. */
static char input[INPUT_MAX];
static size_t input_len, input_max;
static const char *finding;

static apr_uint64_t state;

/* A number less than n; 0 if there is none. */
static unsigned below(unsigned n)
{
    state = state * APR_UINT64_C(6364136223846793005) + APR_UINT64_C(1442695040888963407);
    return n > 0 ? (unsigned)(state >> 33) % n : 0;
}

static void add(list_t *list, const char *ptr, size_t len)
{
    if (len > 0 && list->count < LIST_MAX) {
        list->all[list->count++] = pv_span(fuzz_copy(ptr, len), len);
    }
}

/* What stands between the quotes of a line, undone in place. @return the bytes of it */
static size_t unquote(char *line, char *end)
{
    char *out = line;

    for (const char *p = line; p < end; p++) {
        unsigned value;

        if (p[0] == '\\' && sscanf(p + 1, "x%2x", &value) == 1) {
            *out++ = (char)value;
            p += 3;
            continue;
        }
        p += p[0] == '\\';
        *out++ = *p;
    }
    return (size_t)(out - line);
}

static void read_dictionary(const char *name)
{
    char line[512];
    FILE *file = fopen(name, "r");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        char *begin = strchr(line, '"'), *end = strrchr(line, '"');

        if (line[0] != '#' && begin != end) {
            add(&words, begin + 1, unquote(begin + 1, end));
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void read_corpus(const char *name)
{
    char text[INPUT_MAX];
    FILE *file = fopen(name, "rb");

    if (file == NULL) {
        perror(name);
        exit(1);
    }
    add(&corpus, text, fread(text, 1, sizeof(text), file));
    (void)fclose(file);
}

/* Put a text in the place of `gone` bytes at `at`, where there is room. */
static void put(size_t at, size_t gone, pv_span_t text)
{
    if (input_len - gone + text.len > input_max) {
        return;
    }
    memmove(input + at + text.len, input + at + gone, input_len - at - gone);
    memcpy(input + at, text.ptr, text.len);
    input_len += text.len - gone;
}

static void put_some(size_t at, size_t gone)
{
    const pv_span_t *from = &corpus.all[below(corpus.count)];
    unsigned begin = below((unsigned)from->len);
    size_t len = 1 + below(24);
    char byte = (char)below(256);

    switch (below(words.count > 0 ? 4 : 2)) {
    case 0:
        put(at, gone, pv_span(&byte, 1));
        break;
    case 1:
        len = len < from->len - begin ? len : from->len - begin;
        put(at, gone, pv_span(from->ptr + begin, len));
        break;
    default:
        put(at, gone, words.all[below(words.count)]);
    }
}

/* An input of the corpus with some changes; or its first bytes, which are options, and then
 * words. */
static void make(void)
{
    const pv_span_t *from = &corpus.all[below(corpus.count)];
    size_t len = from->len < input_max ? from->len : input_max;
    unsigned changes = 1 + below(6);

    input_len = 0;
    if (below(2) == 0) {
        put(0, 0, pv_span(from->ptr, len));
        while (changes-- > 0) {
            size_t at = below((unsigned)input_len + 1), gone = below(4) ? 0 : below(8);

            put_some(at, gone < input_len - at ? gone : input_len - at);
        }
        return;
    }
    put(0, 0, pv_span(from->ptr, len < 8 ? len : 1 + below(8)));
    for (unsigned more = below(24); more > 0; more--) {
        put_some(input_len, 0);
    }
}

static void found(int number)
{
    int file = open(finding, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ssize_t written = file >= 0 ? write(file, input, input_len) : -1;

    _exit(written == (ssize_t)input_len ? 128 + number : 1);
}

static long run(double seconds)
{
    long count = 0;

    while ((double)clock() / CLOCKS_PER_SEC < seconds) {
        alarm(PATIENCE);
        for (int i = 0; i < TURN; i++, count++) {
            char *exact;

            make();
            exact = fuzz_copy(input, input_len);
            LLVMFuzzerTestOneInput((const uint8_t *)exact, input_len);
            free(exact);
        }
    }
    alarm(0);
    return count;
}

int main(int argc, char **argv)
{
    static const int ends[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGALRM };

    if (argc < 7 || atoi(argv[3]) <= 0 || atoi(argv[3]) > INPUT_MAX) {
        (void)fprintf(stderr, "usage: %s SECONDS SEED MAX_LEN FINDING DICTIONARY CORPUS...\n",
                      argv[0]);
        return 2;
    }
    state = strtoul(argv[2], NULL, 10);
    input_max = (size_t)atoi(argv[3]);
    finding = argv[4];
    read_dictionary(argv[5]);
    for (int i = 6; i < argc; i++) {
        read_corpus(argv[i]);
    }
    if (corpus.count == 0) {
        (void)fprintf(stderr, "%s: the corpus is empty\n", argv[0]);
        return 2;
    }
    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)signal(ends[i], found);
    }
    printf("%ld inputs\n", run(atof(argv[1])));
    return 0;
}
