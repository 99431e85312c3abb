package io.culvert.linux.pty;

/** Numbers of the kernel's interface that this package uses, under their C names. A test compares each with the headers. */
final class Abi {

    static final int O_RDWR = 2;
    static final int O_NOCTTY = 0x100;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    static final long TCGETS = 0x5401;
    static final long TCSETS = 0x5402;
    static final long TIOCGPTN = 0x80045430L;
    static final long TIOCSPTLCK = 0x40045431L;

    static final int CBAUD = 0x100f;
    static final int CS8 = 0x30;
    static final int CREAD = 0x80;
    static final int CLOCAL = 0x800;
    static final int VTIME = 5;
    static final int VMIN = 6;

    private Abi() {}
}
