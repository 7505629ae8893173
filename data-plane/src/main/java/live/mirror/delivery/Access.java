package live.mirror.delivery;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;

import live.mirror.settings.FileRenewal;
import live.mirror.settings.TlsFiles;
import live.mirror.settings.TokenFile;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who may subscribe, and whether it is encrypted. Renewed files are in use for new connections and
 * calls without a restart.
 */
final class Access implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Access.class.getName());

    private final DeliverySettings settings;
    private final Optional<SubscriberTokens> tokens;
    private final List<FileRenewal> renewals = new ArrayList<>();

    Access(DeliverySettings settings, DeliveryCounters counters) {
        this.settings = settings;
        tokens = settings.tokenFile().map(file -> tokens(file, counters));
    }

    private SubscriberTokens tokens(Path file, DeliveryCounters counters) {
        TokenFile tokens = new TokenFile(file);
        renewals.add(new FileRenewal(List.of(file), tokens::renew));
        return new SubscriberTokens(tokens, counters.refusedByToken);
    }

    /** What the TCP listener speaks; the Unix socket needs no encryption. */
    ServerCredentials credentials() {
        return settings.tls().map(this::credentials).orElseGet(InsecureServerCredentials::create);
    }

    private ServerCredentials credentials(TlsFiles files) {
        AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
        load(files, keys);
        renewals.add(new FileRenewal(files.all(), () -> load(files, keys)));
        return TlsServerCredentials.newBuilder().keyManager(keys).build();
    }

    private static void load(TlsFiles files, AdvancedTlsX509KeyManager keys) {
        keys.updateIdentityCredentials(
                files.chain().toArray(X509Certificate[]::new), files.privateKey());
    }

    /** Has each call show a token, where there are any. */
    void guard(NettyServerBuilder server) {
        tokens.ifPresent(server::intercept);
    }

    /** What an operator should know who lets others than this machine subscribe. */
    void warn() {
        if (settings.address().isLoopback()) {
            return;
        }
        if (tokens.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "delivery.address is {0} without delivery.token-file: whoever reaches it can"
                            + " subscribe to every stream",
                    settings.address());
        }
        if (settings.tls().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "delivery.address is {0} without delivery.tls: media and tokens travel in"
                            + " clear",
                    settings.address());
        }
    }

    @Override
    public void close() {
        renewals.forEach(FileRenewal::close);
    }
}
