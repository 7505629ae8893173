package live.mirror.receive.rtp;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/** A map from {@code int} without boxes: open addressing, at most half full. For one thread. */
final class IntMap<V> {

    private int[] keys = new int[16];
    private @Nullable Object[] values = new @Nullable Object[16];
    private int size;

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // Only put() writes values.
    @Nullable V get(int key) {
        return (V) values[slot(key)];
    }

    void put(int key, V value) {
        int slot = slot(key);
        if (values[slot] == null) {
            size++;
        }
        keys[slot] = key;
        values[slot] = value;
        if (2 * size > values.length) {
            rehash(2 * values.length);
        }
    }

    void remove(int key) {
        int slot = slot(key);
        if (values[slot] != null) {
            values[slot] = null;
            size--;
            // What follows may have been put there because of the one that is gone.
            rehash(values.length);
        }
    }

    @SuppressWarnings("unchecked") // Only put() writes values.
    void forEach(Consumer<V> action) {
        for (Object value : values) {
            if (value != null) {
                action.accept((V) value);
            }
        }
    }

    private int slot(int key) {
        int mask = values.length - 1;
        int slot = ((key * 0x9e37_79b9) >>> 7) & mask;
        while (values[slot] != null && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void rehash(int capacity) {
        int[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new int[capacity];
        values = new @Nullable Object[capacity];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != null) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
