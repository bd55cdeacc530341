/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * A client that costs little, on 127.0.0.1:
 *
 *   load -n COUNT PORT PATH [HEADER...]
 *       so many requests on one connection, each when the last has been answered; prints the
 *       number of bytes in the last body, and the medians of the microseconds from a request
 *       to the first byte of its body and to the last
 *   load -r RATE -s SECONDS -c CONNECTIONS PORT PATH [HEADER...]
 *       so many requests a second, each at its time, whether or not the others have been
 *       answered: one that finds no connection free waits, and its latency counts from
 *       when it was due. Prints p50, p99 and the longest latency in microseconds, and the
 *       number of requests
 *
 * Fails at any answer but 200.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef enum { STATUS, HEAD, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER } state_t;

typedef struct {
    int fd;
    state_t state;
    int busy;
    int chunked;
    size_t left; /* of the body or chunk */
    size_t body;
    char line[16384];
    size_t line_len;
    double due;
    double first; /* when the body began to come, or 0 */
} client_t;

static char request[16384];
static size_t request_len;
static int port;

static void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "load: ");
    (void)vfprintf(stderr, format, args);
    (void)fprintf(stderr, "\n");
    va_end(args);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void open_client(client_t *client)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    int on = 1;

    memset(client, 0, sizeof(*client));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        fail("no connection to port %d: %s", port, strerror(errno));
    }
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void ask(client_t *client)
{
    client->state = STATUS;
    client->busy = 1;
    client->chunked = 0;
    client->left = 0;
    client->body = 0;
    client->line_len = 0;
    client->first = 0;
    if (send(client->fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len &&
        errno != EPIPE && errno != ECONNRESET) {
        fail("the request does not go out: %s", strerror(errno));
    }
}

/* A line without its end; what comes next. */
static state_t take_line(client_t *client, const char *line)
{
    switch (client->state) {
    case STATUS:
        if (strncmp(line, "HTTP/1.1 200", 12) != 0) {
            fail("answered: %s", line);
        }
        return HEAD;
    case HEAD:
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            client->left = strtoul(line + 15, NULL, 10);
        }
        if (strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0) {
            client->chunked = 1;
        }
        if (*line != '\0') {
            return HEAD;
        }
        client->body = client->left;
        client->busy = client->chunked || client->left > 0;
        return client->chunked ? CHUNK_SIZE : BODY;
    case CHUNK_SIZE:
        client->left = strtoul(line, NULL, 16);
        client->body += client->left;
        return client->left > 0 ? CHUNK_DATA : TRAILER;
    case CHUNK_END:
        return CHUNK_SIZE;
    default:
        client->busy = *line != '\0';
        return TRAILER;
    }
}

static size_t take_data(client_t *client, size_t n)
{
    size_t taken = n < client->left ? n : client->left;

    if (client->first == 0) {
        client->first = now();
    }
    client->left -= taken;
    if (client->left == 0) {
        client->busy = client->chunked;
        client->state = CHUNK_END;
    }
    return taken;
}

/* True if the answer is whole. */
static int feed(client_t *client, const char *buf, size_t n)
{
    for (size_t at = 0; at < n;) {
        if (client->state == BODY || client->state == CHUNK_DATA) {
            at += take_data(client, n - at);
            continue;
        }
        if (buf[at] == '\n') {
            client->line[client->line_len] = '\0';
            client->line_len = 0;
            client->state = take_line(client, client->line);
        }
        else if (buf[at] != '\r') {
            client->line[client->line_len++] = buf[at];
            if (client->line_len == sizeof(client->line)) {
                fail("a line of %d bytes", (int)sizeof(client->line));
            }
        }
        at++;
    }
    return !client->busy;
}

/* True if the answer is whole now. A server may close a connection that it has not
 * heard of for a while, or has too many of: then the request is sent on another. */
static int receive(client_t *client)
{
    static char buf[1 << 18];
    ssize_t n = read(client->fd, buf, sizeof(buf));
    double due = client->due;
    int fd = client->fd;
    int busy = client->busy;

    if (n > 0) {
        return feed(client, buf, (size_t)n);
    }
    if (busy && (client->state != STATUS || client->line_len > 0)) {
        fail("an answer broke off");
    }
    open_client(client);
    dup2(client->fd, fd);
    close(client->fd);
    client->fd = fd;
    client->due = due;
    if (busy) {
        ask(client);
    }
    return 0;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof(*values), ascending);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void one_by_one(long count)
{
    client_t *client = malloc(sizeof(*client));
    double *first = calloc((size_t)count, sizeof(*first));
    double *last = calloc((size_t)count, sizeof(*last));

    open_client(client);
    for (long i = 0; i < count; i++) {
        double begin = now();

        ask(client);
        while (!receive(client)) {
            ;
        }
        last[i] = now() - begin;
        first[i] = client->body > 0 ? client->first - begin : last[i];
    }
    printf("%lu %.1f %.1f\n", (unsigned long)client->body, median(first, count) * 1e6,
           median(last, count) * 1e6);
    close(client->fd);
    free(client);
    free(first);
    free(last);
}

typedef struct {
    client_t *clients;
    struct pollfd *polled;
    int count;
    double *latency;
    long sent;
    long answered;
    long total;
} run_t;

/* Send what is due, as far as connections are free. */
static void send_due(run_t *run, double begin, double rate)
{
    for (int i = 0; i < run->count && run->sent < run->total; i++) {
        double due = begin + (double)run->sent / rate;

        if (due > now()) {
            return;
        }
        if (!run->clients[i].busy) {
            run->clients[i].due = due;
            ask(&run->clients[i]);
            run->sent++;
        }
    }
}

static void wait_and_receive(run_t *run, double begin, double rate)
{
    double next = run->sent < run->total ? begin + (double)run->sent / rate - now() : 1;
    struct timespec timeout = { 0, 0 };

    /* Overdue for want of a connection: the next answer frees one. */
    next = next < 0 ? 0.1 : next;
    timeout.tv_sec = (time_t)next;
    timeout.tv_nsec = (long)((next - (double)timeout.tv_sec) * 1e9);
    if (ppoll(run->polled, (nfds_t)run->count, &timeout, NULL) < 0) {
        fail("poll: %s", strerror(errno));
    }
    for (int i = 0; i < run->count; i++) {
        if (run->polled[i].revents != 0 && receive(&run->clients[i])) {
            run->latency[run->answered++] = now() - run->clients[i].due;
        }
    }
}

static void at_a_rate(double rate, double seconds, int connections)
{
    run_t run = { .count = connections, .total = (long)(rate * seconds) };
    double begin;

    run.clients = calloc((size_t)connections, sizeof(*run.clients));
    run.polled = calloc((size_t)connections, sizeof(*run.polled));
    run.latency = calloc((size_t)run.total, sizeof(*run.latency));
    for (int i = 0; i < connections; i++) {
        open_client(&run.clients[i]);
        run.polled[i].fd = run.clients[i].fd;
        run.polled[i].events = POLLIN;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL);
    begin = now();
    while (run.answered < run.total) {
        send_due(&run, begin, rate);
        wait_and_receive(&run, begin, rate);
    }
    qsort(run.latency, (size_t)run.total, sizeof(*run.latency), ascending);
    printf("%.1f %.1f %.1f %ld\n", run.latency[run.total / 2] * 1e6,
           run.latency[run.total * 99 / 100] * 1e6, run.latency[run.total - 1] * 1e6, run.total);
    free(run.clients);
    free(run.polled);
    free(run.latency);
}

static void write_request(char **argv)
{
    int host = 0;
    char *end = request + sizeof(request);
    char *at = request + snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n", argv[0]);

    for (argv++; *argv != NULL && at < end; argv++) {
        at += snprintf(at, (size_t)(end - at), "%s\r\n", *argv);
        host |= strncasecmp(*argv, "Host:", 5) == 0;
    }
    if (at < end) {
        at += snprintf(at, (size_t)(end - at), "%s\r\n", host ? "" : "Host: localhost\r\n");
    }
    if (at >= end) {
        fail("the request is too long");
    }
    request_len = (size_t)(at - request);
}

int main(int argc, char **argv)
{
    long count = 0;
    double rate = 0;
    double seconds = 10;
    int connections = 16;
    int option;

    while ((option = getopt(argc, argv, "n:r:s:c:")) != -1) {
        switch (option) {
        case 'n':
            count = atol(optarg);
            break;
        case 'r':
            rate = atof(optarg);
            break;
        case 's':
            seconds = atof(optarg);
            break;
        case 'c':
            connections = atoi(optarg);
            break;
        default:
            return 2;
        }
    }
    if (argc - optind < 2 || (count < 1 && rate * seconds < 1) || connections < 1) {
        fail("usage: load -n COUNT|-r RATE [-s SECONDS] [-c CONNECTIONS] PORT PATH [HEADER...]");
    }
    port = atoi(argv[optind]);
    write_request(argv + optind + 1);
    if (count > 0) {
        one_by_one(count);
    }
    else {
        at_a_rate(rate, seconds, connections);
    }
    return 0;
}
