package io.culvert.linux;

/** A system call that failed where its caller cannot go on: names the call, the error and, if known, the remedy. */
public final class ErrnoException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param call the call and what it was about, such as {@code ioctl(TUNSETIFF, gre1)}
     * @param errno the error number, positive
     */
    public ErrnoException(String call, int errno) {
        super(call + ": " + Errno.name(errno) + " (" + Errno.message(errno) + ")");
        this.errno = errno;
    }

    /**
     * @param call the call and what it was about
     * @param errno the error number, positive
     * @param remedy what the user can do, such as {@code needs CAP_NET_ADMIN}
     */
    public ErrnoException(String call, int errno, String remedy) {
        super(call + ": " + Errno.name(errno) + " (" + Errno.message(errno) + "): " + remedy);
        this.errno = errno;
    }

    /** The error number, positive. */
    public int errno() {
        return errno;
    }

    /**
     * Passes on what a system call returned.
     *
     * @return {@code result}, not negative
     * @throws ErrnoException if {@code result} is a negative error number
     */
    public static int check(int result, String call) {
        if (result < 0) {
            throw new ErrnoException(call, -result);
        }
        return result;
    }
}
