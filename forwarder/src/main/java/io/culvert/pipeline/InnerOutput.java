package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import org.jspecify.annotations.Nullable;

/** Writes a slot's packet into its tunnel's device. */
final class InnerOutput {

    private InnerOutput() {}

    /** Writes the packet; returns why it was refused, or null. */
    static @Nullable DropReason write(Slot slot) {
        VirtioHeader.store(slot, slot.offset);
        long address = slot.address + slot.offset - VirtioHeader.LENGTH;
        int length = VirtioHeader.LENGTH + slot.length;
        int written = slot.tunnel().device().write(address, length);
        while (written == -Errno.EINTR) {
            written = slot.tunnel().device().write(address, length);
        }
        if (written >= 0) {
            return null;
        }
        return switch (-written) {
            case Errno.EIO, Errno.EBADFD, Errno.EBADF -> DropReason.TUN_DOWN;
            default -> DropReason.TUN_REFUSED;
        };
    }
}
