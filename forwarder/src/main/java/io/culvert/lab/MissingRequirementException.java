package io.culvert.lab;

/** A privilege, device or program that the lab needs and this host does not give: exit code 4. */
public final class MissingRequirementException extends LabException {

    private static final long serialVersionUID = 1L;

    /**
     * @param thing what is missing, such as {@code /dev/net/tun}
     * @param reason why it is needed, or what is wrong with it
     * @param remedy the command that mends it
     */
    public MissingRequirementException(String thing, String reason, String remedy) {
        super(thing + ": " + reason + "; mend it with: " + remedy);
    }
}
