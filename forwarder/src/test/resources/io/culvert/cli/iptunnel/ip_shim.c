/*
 * Stands between iproute2's ip and the kernel, so that ip runs without tunnel drivers: answers SIOCGETTUNNEL from the
 * environment (TUNNEL_name=hex of struct ip_tunnel_parm), refuses what the kernel would for lack of that device or because
 * it exists, and writes what else was asked to the file that TUNNEL_LOG names, one line each. Preloaded into ip by a test.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GET = 0x89F0, ADD = 0x89F1, DEL = 0x89F2, CHG = 0x89F3, PARM_LENGTH = 52 };

static const char *find(const char *device)
{
    char variable[64];
    snprintf(variable, sizeof variable, "TUNNEL_%s", device);
    return getenv(variable);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

/* A device that is no tunnel takes no such request. */
static int no_tunnel(const char *device)
{
    int saved = errno;
    int there = if_nametoindex(device) != 0;
    errno = saved;
    return there ? EOPNOTSUPP : ENODEV;
}

static int answer(const char *device, unsigned char *parm)
{
    const char *hex = find(device);
    if (hex == NULL) {
        return fail(no_tunnel(device));
    }
    for (int i = 0; i < PARM_LENGTH; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        parm[i] = (unsigned char) byte;
    }
    return 0;
}

static int is_base(const char *device)
{
    return strcmp(device, "gre0") == 0 || strcmp(device, "tunl0") == 0;
}

static int record(const char *what, const char *device, const unsigned char *parm)
{
    FILE *log = fopen(getenv("TUNNEL_LOG"), "a");
    fprintf(log, "%s %s ", what, device);
    for (int i = 0; i < PARM_LENGTH; i++) {
        fprintf(log, "%02x", parm[i]);
    }
    fprintf(log, "\n");
    return fclose(log);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    struct ifreq *ifr = va_arg(rest, struct ifreq *);
    va_end(rest);
    if (request < GET || request > CHG) {
        int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...)) dlsym(RTLD_NEXT, "ioctl");
        return real(fd, request, ifr);
    }
    const char *device = ifr->ifr_name;
    unsigned char *parm = (unsigned char *) ifr->ifr_data;
    switch (request) {
    case GET:
        return answer(device, parm);
    case ADD:
        return find((char *) parm) != NULL ? fail(EEXIST) : record("add", device, parm);
    case DEL:
        return find(device) == NULL ? fail(no_tunnel(device)) : record("del", device, parm);
    default:
        return find(device) == NULL && !is_base(device) ? fail(ENODEV) : record("chg", device, parm);
    }
}
