package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FeaturesTest {

    private static final Path FILE = Path.of("..", "FEATURES.md");
    private static final String COMMAND = "mvn -pl forwarder -am test -Dtest=FeaturesTest -Dculvert.features=write"
            + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void fileSaysWhatTheCodeHas() throws IOException {
        String text = Features.text();
        if ("write".equals(System.getProperty("culvert.features"))) {
            Files.writeString(FILE, text);
        }

        assertThat(Files.readString(FILE))
                .as("FEATURES.md is stale; write it anew with: %s", COMMAND)
                .isEqualTo(text);
    }

    @Test
    void everyModeSaysWhatSpecifiesIt() {
        assertThat(Features.unspecified()).isEmpty();
    }
}
