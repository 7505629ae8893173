package live.mirror.control.testing;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;

import live.mirror.settings.TlsFiles;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What {@code deploy/certificates} makes: an authority, a control plane, and the workers w1, w2.
 */
public final class TestCertificates {

    private final Path directory;

    /** Makes them in this directory. */
    public TestCertificates(Path directory) {
        this.directory = directory;
        renew();
    }

    /** Makes all but the authority anew. */
    public void renew() {
        String output =
                TestRedis.run(
                        List.of(
                                "../deploy/certificates",
                                directory.toString(),
                                "--worker",
                                "w1",
                                "--worker",
                                "w2"));
        if (!directory.resolve("worker-w2.pem").toFile().exists()) {
            throw new IllegalStateException(output);
        }
    }

    /** Settings of a control plane that uses them. */
    public Map<String, String> settings() {
        return Map.of(
                "tls.link.certificate", directory.resolve("control-plane.pem").toString(),
                "tls.link.key", directory.resolve("control-plane.key").toString(),
                "tls.link.trust", directory.resolve("ca.pem").toString(),
                "tls.public.certificate", directory.resolve("control-plane.pem").toString(),
                "tls.public.key", directory.resolve("control-plane.key").toString());
    }

    /** Of {@code worker-w1}, {@code worker-w2} or {@code control-plane}. */
    public TlsFiles files(String name) {
        return new TlsFiles(
                directory.resolve(name + ".pem"),
                directory.resolve(name + ".key"),
                Optional.of(directory.resolve("ca.pem")));
    }

    /** A client that trusts the authority and shows no certificate. */
    public ChannelCredentials nobody() {
        try {
            return TlsChannelCredentials.newBuilder()
                    .trustManager(directory.resolve("ca.pem").toFile())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same for HTTPS. */
    public SSLContext context() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "authority", files("control-plane").authorities().getFirst());
            TrustManagerFactory managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
