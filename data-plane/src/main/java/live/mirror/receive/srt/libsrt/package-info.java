/**
 * SRT by Haivision's libsrt, bound with JNA's direct mapping: the one package that knows its names,
 * numbers and layouts. Pointers are {@code long}; memory that both sides see comes from {@link
 * java.lang.foreign.Arena}s, because reading it back through JNA would be a native call. Holds no
 * policy.
 */
@NullMarked
package live.mirror.receive.srt.libsrt;

import org.jspecify.annotations.NullMarked;
