package live.mirror.control.connection;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

/** Header blocks as gRPC's C core writes them. */
class PseudoHeadersTest {

    /** RFC 7541, 6.2: literal with indexing (0x40), without (0x00), and never indexed (0x10). */
    @ParameterizedTest
    @CsvSource({
        ":path, 64, 68",
        ":path, 0, 4",
        ":path, 16, 20",
        ":authority, 64, 65",
        ":method, 0, 2",
        ":scheme, 16, 22"
    })
    void aNameThatIsWrittenOutBecomesItsIndex(String name, int form, int indexed) {
        byte[] block = block((char) form, name, "/a");
        assertThat(PseudoHeaders.indexed(block)).isEqualTo(bytes((char) indexed + "\2/a"));
    }

    @Test
    void everythingElseStaysAsItIs() {
        // A size update, two indexed fields, an indexed name with a value, a name of one's own, a
        // Huffman-coded name, and a pseudo-header field that no request has.
        byte[] block =
                bytes(
                        "\77\341\37\202\206\104\1/"
                                + "\100\2te\10trailers"
                                + "\100\204\271\130\323\77\1x"
                                + "\0\7:status\3"
                                + "200");
        assertThat(PseudoHeaders.indexed(block)).isSameAs(block);
    }

    @Test
    void aFieldBetweenOthersIsFound() {
        String before = "\203\206";
        String behind = "\100\2te\10trailers";
        byte[] block = bytes(before + "\100\5:path\2/a" + behind);
        assertThat(PseudoHeaders.indexed(block)).isEqualTo(bytes(before + "\104\2/a" + behind));
    }

    @Property(tries = 1_000)
    void whatCantBeReadStaysAsItIs(@ForAll byte[] block) {
        assertThat(PseudoHeaders.indexed(block)).hasSizeLessThanOrEqualTo(block.length);
    }

    private static byte[] block(char form, String name, String value) {
        return bytes(form + "" + (char) name.length() + name + (char) value.length() + value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
