package io.culvert.tunnel;

import io.culvert.wire.ErspanFlyweight;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.Malformed;

/** Reads the ERSPAN header behind a GRE header, draft-foschiano-erspan-03. */
final class ErspanDecapsulator {

    private ErspanDecapsulator() {}

    /**
     * Points the slot's view at the ERSPAN header.
     *
     * @param headers bytes from the slot's offset to behind the GRE header
     * @return its length in bytes: 0 for type I, negative if it is not sound
     */
    static int headerLength(Slot slot, GreFlyweight gre, int headers) {
        // Types I and II have the same protocol type, but only type II has a sequence number.
        if (gre.protocol() == EtherType.ERSPAN && gre.headerLength() == GreFlyweight.MIN_HEADER_LENGTH) {
            return 0;
        }
        int offset = slot.offset + headers;
        if (ErspanFlyweight.validate(slot.buffer, offset, slot.length - headers) != Malformed.NONE) {
            return -1;
        }
        ErspanFlyweight erspan = slot.erspan.wrap(slot.buffer, offset);
        boolean isTypeIii = erspan.version() == ErspanFlyweight.VERSION_III;
        return isTypeIii == (gre.protocol() == EtherType.ERSPAN_III) ? erspan.headerLength() : -1;
    }
}
