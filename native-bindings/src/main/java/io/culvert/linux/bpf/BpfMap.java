package io.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the process shares with eBPF programs. Programs that were loaded with it keep it alive when it is closed. Keys
 * and values are bytes, laid out as the program reads them. Any thread may use it.
 */
public final class BpfMap implements AutoCloseable {

    /** {@code union bpf_attr} of BPF_MAP_CREATE. */
    static final int MAP_TYPE = 0;

    static final int KEY_SIZE = 4;
    static final int VALUE_SIZE = 8;
    static final int MAX_ENTRIES = 12;
    static final int MAP_NAME = 28;

    /** {@code union bpf_attr} of the commands on elements. */
    static final int MAP_FD = 0;

    static final int KEY = 8;
    static final int VALUE = 16;
    static final int FLAGS = 24;

    private static final int E2BIG = 7;

    private final String name;
    private final FileDescriptor descriptor;
    private final int keySize;
    private final int valueSize;

    private BpfMap(String name, int fd, int keySize, int valueSize) {
        this.name = name;
        this.descriptor = new FileDescriptor(fd);
        this.keySize = keySize;
        this.valueSize = valueSize;
    }

    /**
     * Creates a hash table, empty.
     *
     * @param name of letters, digits, underscores and dots, for bpftool; 15 characters count
     * @param keySize in bytes, 1 to 512
     * @param valueSize in bytes, from 1
     * @param capacity in entries, from 1
     */
    public static BpfMap hash(String name, int keySize, int valueSize, int capacity) {
        return create(Abi.BPF_MAP_TYPE_HASH, name, keySize, valueSize, capacity);
    }

    /**
     * Creates an array, full of zeros. Its keys are indices of 4 bytes in host order, its entries cannot be removed.
     *
     * @param name of letters, digits, underscores and dots, for bpftool; 15 characters count
     * @param valueSize in bytes, from 1
     * @param capacity in entries, from 1
     */
    public static BpfMap array(String name, int valueSize, int capacity) {
        return create(Abi.BPF_MAP_TYPE_ARRAY, name, Integer.BYTES, valueSize, capacity);
    }

    private static BpfMap create(int type, String name, int keySize, int valueSize, int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = BpfCall.attributes(arena);
            byte[] shortName = BpfCall.name(name);
            attributes.set(JAVA_INT, MAP_TYPE, type);
            attributes.set(JAVA_INT, KEY_SIZE, keySize);
            attributes.set(JAVA_INT, VALUE_SIZE, valueSize);
            attributes.set(JAVA_INT, MAX_ENTRIES, capacity);
            MemorySegment.copy(shortName, 0, attributes, JAVA_BYTE, MAP_NAME, shortName.length);
            int fd = BpfCall.bpf(Abi.BPF_MAP_CREATE, attributes);
            if (fd < 0) {
                String size = name + ", " + capacity + " entries of " + keySize + " and " + valueSize + " bytes";
                throw failure("BPF_MAP_CREATE", size, -fd);
            }
            return new BpfMap(name, fd, keySize, valueSize);
        }
    }

    /** Sets a key's value, whether or not it has one. */
    public void put(byte[] key, byte[] value) {
        checkLength("value", value, valueSize);
        int result = element(Abi.BPF_MAP_UPDATE_ELEM, key, MemorySegment.ofArray(value));
        if (result < 0) {
            throw failure("BPF_MAP_UPDATE_ELEM", name, -result);
        }
    }

    /** The key's value, null if it has none. */
    public byte @Nullable [] get(byte[] key) {
        byte[] value = new byte[valueSize];
        int result = element(Abi.BPF_MAP_LOOKUP_ELEM, key, MemorySegment.ofArray(value));
        if (result < 0 && result != -Errno.ENOENT) {
            throw failure("BPF_MAP_LOOKUP_ELEM", name, -result);
        }
        return result < 0 ? null : value;
    }

    /** Removes the key from a hash table. Returns whether it was there. */
    public boolean remove(byte[] key) {
        int result = element(Abi.BPF_MAP_DELETE_ELEM, key, MemorySegment.ofArray(new byte[valueSize]));
        if (result < 0 && result != -Errno.ENOENT) {
            throw failure("BPF_MAP_DELETE_ELEM", name, -result);
        }
        return result >= 0;
    }

    int fd() {
        return descriptor.fd();
    }

    private int element(int command, byte[] key, MemorySegment value) {
        checkLength("key", key, keySize);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = BpfCall.attributes(arena);
            MemorySegment nativeKey = arena.allocateFrom(JAVA_BYTE, key);
            MemorySegment nativeValue = arena.allocate(valueSize, Long.BYTES).copyFrom(value);
            attributes.set(JAVA_INT, MAP_FD, fd());
            attributes.set(JAVA_LONG, KEY, nativeKey.address());
            // A deletion has no value, and its field must be 0.
            attributes.set(JAVA_LONG, VALUE, command == Abi.BPF_MAP_DELETE_ELEM ? 0 : nativeValue.address());
            attributes.set(JAVA_LONG, FLAGS, Abi.BPF_ANY);
            int result = BpfCall.bpf(command, attributes);
            value.copyFrom(nativeValue);
            return result;
        }
    }

    private void checkLength(String what, byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalArgumentException(
                    "map " + name + " has a " + what + " of " + length + " bytes, not of " + bytes.length);
        }
    }

    private static ErrnoException failure(String command, String what, int errno) {
        String remedy = errno == E2BIG ? "the map is full or the index beyond its end" : BpfCall.remedy(errno);
        String call = "bpf(" + command + ", " + what + ")";
        return remedy.isEmpty() ? new ErrnoException(call, errno) : new ErrnoException(call, errno, remedy);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
