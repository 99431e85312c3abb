package io.culvert.cli.iptunnel;

/** Reads what follows {@code prl}, isatap's potential router list, so that mistakes are told before the refusal. */
final class PrlArguments {

    private PrlArguments() {}

    static void parse(Words words) throws TunnelException {
        boolean hasEntry = false;
        boolean hasDevice = false;
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "prl-default", "prl-nodefault", "prl-delete" -> {
                    Numbers.address(words.value());
                    if (hasEntry) {
                        throw TunnelException.unparsable("One PRL entry at a time");
                    }
                    hasEntry = true;
                }
                case "dev" -> {
                    requireValidDevice(words.value());
                    hasDevice = true;
                }
                default -> throw TunnelException.unparsable("Invalid PRL parameter \"" + word + "\"");
            }
        }
        requireDevice(hasDevice);
    }

    static void requireValidDevice(String name) throws TunnelException {
        if (!DeviceName.isValid(name)) {
            throw TunnelException.wrongArgument(name, "\"dev\" not a valid ifname");
        }
    }

    static void requireDevice(boolean hasDevice) throws TunnelException {
        if (!hasDevice) {
            throw TunnelException.unparsable("Must specify device");
        }
    }
}
