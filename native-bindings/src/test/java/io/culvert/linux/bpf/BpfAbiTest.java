package io.culvert.linux.bpf;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Tcx and its attach types are younger than the oldest supported headers; they are tested with the kernel. */
class BpfAbiTest {

    private static final String HEADER = "linux/bpf.h";

    private static final List<String> TOO_YOUNG =
            List.of("TCX_NEXT", "TCX_PASS", "TCX_DROP", "BPF_F_ADJ_ROOM_DECAP_L3_IPV4", "BPF_F_ADJ_ROOM_DECAP_L3_IPV6");

    @Test
    void agreesWithTheHeaders() {
        AbiProbe.verify(AbiRow.constantsOf(Abi.class, HEADER));
    }

    @Test
    void seesPacketsAsTheHeadersDo() {
        List<AbiRow> rows = new ArrayList<>();
        for (AbiRow row : AbiRow.constantsOf(SkBuff.class, HEADER)) {
            String name = row.name().toLowerCase(Locale.ROOT);
            if (TOO_YOUNG.contains(row.name())) {
                continue;
            }
            if (name.startsWith("skb_") || name.startsWith("map_")) {
                rows.add(AbiRow.constant("BPF_FUNC_" + name, row.value(), HEADER));
            } else {
                rows.add(name.startsWith("bpf_") ? row : AbiRow.offset("struct __sk_buff", name, row.value(), HEADER));
            }
        }
        AbiProbe.verify(rows);
    }

    @Test
    void placesAttributesAsTheHeadersDo() {
        String attribute = "union bpf_attr";
        AbiProbe.verify(List.of(
                AbiRow.offset(attribute, "map_type", BpfMap.MAP_TYPE, HEADER),
                AbiRow.offset(attribute, "key_size", BpfMap.KEY_SIZE, HEADER),
                AbiRow.offset(attribute, "value_size", BpfMap.VALUE_SIZE, HEADER),
                AbiRow.offset(attribute, "max_entries", BpfMap.MAX_ENTRIES, HEADER),
                AbiRow.offset(attribute, "map_name", BpfMap.MAP_NAME, HEADER),
                AbiRow.offset(attribute, "map_fd", BpfMap.MAP_FD, HEADER),
                AbiRow.offset(attribute, "key", BpfMap.KEY, HEADER),
                AbiRow.offset(attribute, "value", BpfMap.VALUE, HEADER),
                AbiRow.offset(attribute, "flags", BpfMap.FLAGS, HEADER),
                AbiRow.offset(attribute, "prog_type", BpfProgram.PROG_TYPE, HEADER),
                AbiRow.offset(attribute, "insn_cnt", BpfProgram.INSN_CNT, HEADER),
                AbiRow.offset(attribute, "insns", BpfProgram.INSNS, HEADER),
                AbiRow.offset(attribute, "license", BpfProgram.LICENSE, HEADER),
                AbiRow.offset(attribute, "log_level", BpfProgram.LOG_LEVEL, HEADER),
                AbiRow.offset(attribute, "log_size", BpfProgram.LOG_SIZE, HEADER),
                AbiRow.offset(attribute, "log_buf", BpfProgram.LOG_BUF, HEADER),
                AbiRow.offset(attribute, "prog_name", BpfProgram.PROG_NAME, HEADER),
                AbiRow.offset(attribute, "expected_attach_type", BpfProgram.EXPECTED_ATTACH_TYPE, HEADER),
                AbiRow.offset(attribute, "link_create.prog_fd", TcxLink.PROG_FD, HEADER),
                AbiRow.offset(attribute, "link_create.target_ifindex", TcxLink.TARGET_IFINDEX, HEADER),
                AbiRow.offset(attribute, "link_create.attach_type", TcxLink.ATTACH_TYPE, HEADER)));
    }

    @Test
    void knowsTheNumberOfTheCall() {
        AbiProbe.verify(List.of(AbiRow.constant("SYS_bpf", BpfCall.SYS_BPF, "sys/syscall.h")));
    }
}
