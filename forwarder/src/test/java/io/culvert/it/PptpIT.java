package io.culvert.it;

import io.culvert.lab.GuestImage;
import io.culvert.lab.GuestLab;
import io.culvert.lab.PppGuest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** PPP between Debian's programs: what negotiates at both ends is not ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class PptpIT {

    private final GuestLab lab = GuestLab.shared(GuestImage.PPP);
    private final PppGuest ppp = new PppGuest(lab.guest());

    /** The rig by itself: Debian's client and server of PPTP reach each other, with no gateway between them. */
    @Test
    void bothEndsOfTheRigAgree() {
        ppp.startUser("EXEC:'pptp 127.0.0.2 --localbind 127.0.0.1 --nolaunchpppd',pty,raw,echo=0");
        ppp.assertLink();
        ppp.assertTransfers();
        lab.guest().exec("kill $(pidof pptp)").orThrow();
        ppp.assertEnd();
    }
}
