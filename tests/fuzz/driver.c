/*
 * Runs a fuzz target where there is no libFuzzer.
 *
 *   fuzz_NAME [SEEDS.txt | FILE …]
 *
 * Each line of a .txt file is a seed: tried as it is, then changed at random many times.
 * Any other file is tried once, whole.  WG_FUZZ_RUNS sets the number of random inputs
 * (default 200,000); the same numbers come on every machine.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/random.h"

#define SEED_MAX 1024
#define INPUT_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seeds {
    char *line[SEED_MAX];
    size_t n;
};

/* The target sees a block of exactly its size, so that a sanitiser sees one byte more. */
static void try_input(const uint8_t *data, size_t size)
{
    uint8_t *block = malloc(size ? size : 1);
    if (!block)
        abort();
    memcpy(block, data, size);
    LLVMFuzzerTestOneInput(block, size);
    free(block);
}

static void read_seeds(FILE *file, struct seeds *seeds)
{
    char line[INPUT_MAX];
    while (seeds->n < SEED_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        seeds->line[seeds->n] = strdup(line);
        if (!seeds->line[seeds->n])
            abort();
        try_input((const uint8_t *)line, strlen(line));
        seeds->n++;
    }
}

static void try_file(FILE *file)
{
    size_t room = (size_t)16 << 20;
    uint8_t *bytes = malloc(room);
    if (!bytes)
        abort();
    try_input(bytes, fread(bytes, 1, room, file));
    free(bytes);
}

static size_t random_bytes(struct random *r, uint8_t *out)
{
    size_t n = (size_t)random_between(r, 0, 64);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)random_next(r);
    return n;
}

/* One to four changes: a byte set, dropped, doubled, or a piece of another seed. */
static size_t mutate(struct random *r, const struct seeds *seeds, uint8_t *out)
{
    static const char hot[] = "0123456789+-:./TZ \0\x7f\xff\xc2";
    const char *seed = seeds->line[random_between(r, 0, (int64_t)seeds->n - 1)];
    size_t n = strlen(seed);
    memcpy(out, seed, n);
    for (int64_t k = random_between(r, 1, 4); k > 0; k--) {
        size_t at = (size_t)random_between(r, 0, (int64_t)n);
        const char *other = seeds->line[random_between(r, 0, (int64_t)seeds->n - 1)];
        size_t piece =
            strlen(other) - (size_t)random_between(r, 0, (int64_t)strlen(other));
        switch (random_between(r, 0, 4)) {
        case 0:
            if (at < n)
                out[at] = (uint8_t)hot[random_between(r, 0, sizeof hot - 2)];
            break;
        case 1:
            if (at < n)
                memmove(out + at, out + at + 1, --n - at);
            break;
        case 2:
            if (at < n)
                out[at] ^= (uint8_t)(1 << random_between(r, 0, 7));
            break;
        case 3:
            n = at;
            break;
        default:
            if (at + piece < INPUT_MAX) {
                memcpy(out + at, other + strlen(other) - piece, piece);
                n = at + piece > n ? at + piece : n;
            }
        }
    }
    return n;
}

int main(int argc, char **argv)
{
    static struct seeds seeds;
    struct random r = {20261124};
    const char *text = getenv("WG_FUZZ_RUNS");
    long runs = text ? strtol(text, NULL, 10) : 200000;
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t length = strlen(argv[i]);
        if (!file) {
            fprintf(stderr, "%s cannot be read\n", argv[i]);
            return 2;
        }
        if (length > 4 && strcmp(argv[i] + length - 4, ".txt") == 0)
            read_seeds(file, &seeds);
        else
            try_file(file);
        fclose(file);
    }
    for (long i = 0; i < runs; i++) {
        uint8_t input[INPUT_MAX];
        bool mutated = seeds.n > 0 && i % 4 > 0;
        try_input(input, mutated ? mutate(&r, &seeds, input) : random_bytes(&r, input));
    }
    for (size_t i = 0; i < seeds.n; i++)
        free(seeds.line[i]);
    printf("%zu seeds, %ld random inputs\n", seeds.n, runs);
    return 0;
}
