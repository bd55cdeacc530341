/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * In libFuzzer's place: runs a target once for each file that is named, and says how many
 * there were. A file's name comes first, so that the last one is what failed.
 *
 *   build-asan/fuzz/TARGET FILE...
 */

#include "fuzz.h"

/* Larger inputs than any that a corpus keeps. */
#define INPUT_MAX (16u << 20)

static int run(const char *name, char *room)
{
    FILE *file = fopen(name, "rb");
    size_t len;
    char *exact;

    if (file == NULL) {
        perror(name);
        return 0;
    }
    len = fread(room, 1, INPUT_MAX, file);
    if (ferror(file) || !feof(file)) {
        (void)fprintf(stderr, "%s: cannot be read, or is too large\n", name);
        (void)fclose(file);
        return 0;
    }
    (void)fclose(file);
    exact = fuzz_copy(room, len);
    LLVMFuzzerTestOneInput((const uint8_t *)exact, len);
    free(exact);
    return 1;
}

int main(int argc, char **argv)
{
    char *room = fuzz_room(INPUT_MAX);
    int count = 0;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    for (int i = 1; i < argc && count == i - 1; i++) {
        printf("# %s\n", argv[i]);
        count += run(argv[i], room);
    }
    free(room);
    printf("%d inputs\n", count);
    return count == argc - 1 ? 0 : 1;
}
