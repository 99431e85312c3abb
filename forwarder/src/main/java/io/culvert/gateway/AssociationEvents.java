package io.culvert.gateway;

import io.culvert.esp.SecurityAssociation;
import io.culvert.tunnel.Tunnel;
import java.lang.System.Logger.Level;
import java.util.List;

/** Says in the log that security associations have reached a limit. The conductor's thread only. */
final class AssociationEvents {

    private static final System.Logger LOG = System.getLogger(AssociationEvents.class.getName());

    private AssociationEvents() {}

    static void report(List<Tunnel> tunnels, long nowNanos) {
        for (Tunnel tunnel : tunnels) {
            for (SecurityAssociation association : tunnel.associations().all()) {
                String subject = "tunnel \"" + tunnel.spec().name() + "\": " + association;
                switch (association.poll(nowNanos)) {
                    case SOFT_EXPIRED ->
                        LOG.log(Level.WARNING, subject + " has reached a soft limit: replace it before the hard one");
                    case HARD_EXPIRED ->
                        LOG.log(Level.WARNING, subject + " has expired: its packets are dropped, so add another one");
                    case NONE -> {}
                }
            }
        }
    }
}
