/*
 * Stands between iproute2's ip and the kernel, so that ip runs without tunnel drivers: answers SIOCGETTUNNEL from the
 * environment (TUNNEL_name=hex of struct ip_tunnel_parm) and writes what the other tunnel ioctls were asked to the file
 * that TUNNEL_LOG names, one line each. Preloaded into ip by a test.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { GET = 0x89F0, ADD = 0x89F1, DEL = 0x89F2, CHG = 0x89F3, PARM_LENGTH = 52 };

static int answer(const char *device, unsigned char *parm)
{
    char variable[64];
    snprintf(variable, sizeof variable, "TUNNEL_%s", device);
    const char *hex = getenv(variable);
    if (hex == NULL) {
        errno = ENODEV;
        return -1;
    }
    for (int i = 0; i < PARM_LENGTH; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        parm[i] = (unsigned char) byte;
    }
    return 0;
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
    void *argument = va_arg(rest, void *);
    va_end(rest);
    struct ifreq *ifr = argument;
    switch (request) {
    case GET:
        return answer(ifr->ifr_name, (unsigned char *) ifr->ifr_data);
    case ADD:
        return record("add", ifr->ifr_name, (unsigned char *) ifr->ifr_data);
    case DEL:
        return record("del", ifr->ifr_name, (unsigned char *) ifr->ifr_data);
    case CHG:
        return record("chg", ifr->ifr_name, (unsigned char *) ifr->ifr_data);
    default: {
        int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...)) dlsym(RTLD_NEXT, "ioctl");
        return real(fd, request, argument);
    }
    }
}
