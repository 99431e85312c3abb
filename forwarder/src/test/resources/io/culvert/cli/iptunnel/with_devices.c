/*
 * Runs a command in a network namespace of its own, with TUN devices that say they are GRE or IPIP ones:
 * with_devices gre1=778 ipip1=768 -- COMMAND...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int make(char *device)
{
    struct ifreq ifr = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    char *type = strchr(device, '=');
    *type = '\0';
    strncpy(ifr.ifr_name, device, IFNAMSIZ - 1);
    int fd = open("/dev/net/tun", O_RDWR);
    return fd < 0 || ioctl(fd, TUNSETIFF, &ifr) != 0 || ioctl(fd, TUNSETLINK, atol(type + 1)) != 0;
}

int main(int argc, char **argv)
{
    if (unshare(CLONE_NEWNET) != 0) {
        perror("unshare");
        return 99;
    }
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (make(argv[i]) != 0) {
            perror(argv[i]);
            return 99;
        }
    }
    execvp(argv[i + 1], argv + i + 1);
    perror(argv[i + 1]);
    return 99;
}
