package io.culvert.gateway;

/** The version of this build. */
public final class Version {

    private Version() {}

    /** The version, or {@code development} for classes that are not in a jar. */
    public static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
