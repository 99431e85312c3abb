package io.culvert.pipeline;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.tun.TunDevice;
import io.culvert.linux.tun.TunRequest;
import io.culvert.tunnel.Mode;

/** A tunnel's TUN or TAP device as the encapsulation path reads it and the decapsulation path writes it. */
public final class TunPort extends InnerPort {

    private final TunDevice device;
    private final boolean namesProtocols;
    private final boolean udpSuperPackets;

    private TunPort(TunDevice device, boolean namesProtocols, boolean udpSuperPackets) {
        this.device = device;
        this.namesProtocols = namesProtocols;
        this.udpSuperPackets = udpSuperPackets;
    }

    /**
     * Makes the device, with whatever the kernel can hand over unfinished: checksums, TCP and UDP super-packets.
     *
     * @throws ErrnoException if the kernel refuses
     */
    public static TunPort open(String name) {
        return open(name, Mode.GRE, false);
    }

    /**
     * Makes the device that a mode needs: TAP for Ethernet frames, and without unfinished packets for modes that cannot
     * carry them.
     *
     * @param namesProtocols whether packets of other protocols than IP go through it; each has four bytes more then
     * @throws ErrnoException if the kernel refuses
     */
    public static TunPort open(String name, Mode mode, boolean namesProtocols) {
        TunRequest kind = mode.isEthernet() ? TunRequest.tap(name) : TunRequest.tun(name);
        TunRequest request = kind.withVnetHeader();
        TunDevice device = TunDevice.open(namesProtocols ? request.withProtocol() : request);
        try {
            return new TunPort(device, namesProtocols, mode.takesUnfinishedPackets() && setOffload(device));
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** Whether the kernel knows UDP super-packets. */
    private static boolean setOffload(TunDevice device) {
        int tcp = TunDevice.TUN_F_CSUM | TunDevice.TUN_F_TSO4 | TunDevice.TUN_F_TSO6;
        try {
            device.setOffload(tcp | TunDevice.TUN_F_USO4 | TunDevice.TUN_F_USO6);
            return true;
        } catch (ErrnoException e) {
            // UDP super-packets came with Linux 6.2.
            device.setOffload(tcp);
            return false;
        }
    }

    @Override
    public void carrier(boolean on) {
        device.setCarrier(on);
    }

    @Override
    int fd() {
        return device.fd();
    }

    @Override
    public int read(long address, int length) {
        return device.read(address, length);
    }

    @Override
    public int write(long address, int length) {
        return device.write(address, length);
    }

    @Override
    public int writePieces(long iovecs, int count) {
        return device.writePieces(iovecs, count);
    }

    @Override
    public boolean namesProtocols() {
        return namesProtocols;
    }

    @Override
    public boolean takesUdpSuperPackets() {
        return udpSuperPackets;
    }

    @Override
    public void close() {
        device.close();
    }
}
