package io.culvert.linux.tun;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunAbiTest {

    private static final String[] HEADERS = {
        "fcntl.h", "sys/ioctl.h", "net/if.h", "linux/if_tun.h", "linux/virtio_net.h"
    };

    @Test
    void agreesWithTheHeaders() {
        List<AbiRow> rows = new ArrayList<>(AbiRow.constantsOf(Abi.class, HEADERS));
        for (AbiRow row : AbiRow.constantsOf(TunDevice.class, HEADERS)) {
            // Linux 6.2 brought USO.
            rows.add(row.name().startsWith("TUN_F_USO") ? row.whereDefined() : row);
        }
        rows.add(AbiRow.size("struct ifreq", InterfaceRequest.SIZE, HEADERS));
        rows.add(AbiRow.offset("struct ifreq", "ifr_name", InterfaceRequest.NAME, HEADERS));
        rows.add(AbiRow.offset("struct ifreq", "ifr_flags", InterfaceRequest.FLAGS, HEADERS));
        AbiProbe.verify(rows);
    }

    @Test
    void protocolHeaderAgreesWithTheHeaders() {
        AbiProbe.verify(List.of(
                AbiRow.size("struct tun_pi", ProtocolHeader.LENGTH, HEADERS),
                AbiRow.offset("struct tun_pi", "flags", ProtocolHeader.FLAGS_OFFSET, HEADERS),
                AbiRow.offset("struct tun_pi", "proto", ProtocolHeader.PROTOCOL_OFFSET, HEADERS)));
    }

    @Test
    void vnetHeaderAgreesWithTheHeaders() {
        String header = "struct virtio_net_hdr";
        AbiProbe.verify(List.of(
                AbiRow.size(header, VnetHeader.LENGTH, HEADERS),
                AbiRow.size("struct virtio_net_hdr_mrg_rxbuf", VnetHeader.LENGTH_WITH_BUFFERS, HEADERS),
                AbiRow.offset(header, "flags", VnetHeader.FLAGS_OFFSET, HEADERS),
                AbiRow.offset(header, "gso_type", VnetHeader.GSO_TYPE_OFFSET, HEADERS),
                AbiRow.offset(header, "hdr_len", VnetHeader.HEADER_LENGTH_OFFSET, HEADERS),
                AbiRow.offset(header, "gso_size", VnetHeader.GSO_SIZE_OFFSET, HEADERS),
                AbiRow.offset(header, "csum_start", VnetHeader.CHECKSUM_START_OFFSET, HEADERS),
                AbiRow.offset(header, "csum_offset", VnetHeader.CHECKSUM_OFFSET_OFFSET, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_F_NEEDS_CSUM", VnetHeader.NEEDS_CSUM, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_F_DATA_VALID", VnetHeader.DATA_VALID, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_GSO_NONE", VnetHeader.GSO_NONE, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_GSO_TCPV4", VnetHeader.GSO_TCPV4, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_GSO_TCPV6", VnetHeader.GSO_TCPV6, HEADERS),
                AbiRow.constant("VIRTIO_NET_HDR_GSO_UDP_L4", VnetHeader.GSO_UDP_L4, HEADERS)
                        .whereDefined(),
                AbiRow.constant("VIRTIO_NET_HDR_GSO_ECN", VnetHeader.GSO_ECN, HEADERS)));
    }
}
