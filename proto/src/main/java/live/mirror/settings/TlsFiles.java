package live.mirror.settings;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.util.CertificateUtils;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of one end of an encrypted connection, all in PEM. They are read anew at each use, so
 * that a renewed certificate needs no restart.
 *
 * @param certificate ours, followed by those that lead to the root
 * @param key its private key, in PKCS 8
 * @param trust the authorities whose certificates the other end may show; empty where it shows none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> trust) {

    private static final String CERTIFICATES = "a file of certificates in PEM";
    private static final String KEY = "a file with a private key in PEM (PKCS 8)";

    private interface Reading<T> {
        T of(InputStream in) throws IOException, GeneralSecurityException;
    }

    /**
     * Reads {@code <root>.certificate} and {@code <root>.key}; nothing where both are empty.
     *
     * @param mutual whether both ends show a certificate, so that there is also {@code
     *     <root>.trust}
     */
    public static Optional<TlsFiles> read(SettingsReader settings, String root, boolean mutual) {
        Optional<Path> certificate = file(settings, root + ".certificate", CERTIFICATES);
        Optional<Path> key = file(settings, root + ".key", KEY);
        Optional<Path> trust =
                mutual ? file(settings, root + ".trust", CERTIFICATES) : Optional.empty();
        if (certificate.isEmpty() && key.isEmpty() && trust.isEmpty()) {
            return Optional.empty();
        }
        if (certificate.isEmpty() || key.isEmpty() || (mutual && trust.isEmpty())) {
            settings.problem(
                    root,
                    "a part",
                    "given with all of its files, or with none: certificate, key"
                            + (mutual ? ", trust" : ""));
            return Optional.empty();
        }
        return Optional.of(new TlsFiles(certificate.get(), key.get(), trust));
    }

    private static Optional<Path> file(SettingsReader settings, String key, String rule) {
        String text =
                settings.text(
                        key,
                        "",
                        name -> name.isEmpty() || holds(Path.of(name), rule),
                        "empty or " + rule);
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    private static boolean holds(Path file, String rule) {
        try {
            return rule.equals(KEY) ? privateKey(file) != null : !certificates(file).isEmpty();
        } catch (UncheckedIOException | IllegalArgumentException e) {
            // The rule in words is what the reader of the message needs.
            return false;
        }
    }

    /** All of them. */
    public List<Path> all() {
        return Stream.concat(Stream.of(certificate, key), trust.stream()).toList();
    }

    /** Our certificate and those above it. */
    public List<X509Certificate> chain() {
        return certificates(certificate);
    }

    /** Its private key. */
    public PrivateKey privateKey() {
        return privateKey(key);
    }

    /** The authorities that we trust; none where the other end shows no certificate. */
    public List<X509Certificate> authorities() {
        return trust.map(TlsFiles::certificates).orElse(List.of());
    }

    /** For a channel to a server that trusts our certificate. */
    public ChannelCredentials channelCredentials() {
        try {
            TlsChannelCredentials.Builder credentials =
                    TlsChannelCredentials.newBuilder()
                            .keyManager(certificate.toFile(), key.toFile());
            if (trust.isPresent()) {
                credentials.trustManager(trust.get().toFile());
            }
            return credentials.build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<X509Certificate> certificates(Path file) {
        return read(file, in -> List.of(CertificateUtils.getX509Certificates(in)));
    }

    private static PrivateKey privateKey(Path file) {
        return read(file, CertificateUtils::getPrivateKey);
    }

    private static <T> T read(Path file, Reading<T> reading) {
        try (InputStream in = Files.newInputStream(file)) {
            return reading.of(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
