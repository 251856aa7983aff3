"""Run as a child process: write a .docx as plain HTML to standard output, without its pictures and styles.

Nothing of the project is imported here. The exit status is 1, and the word on standard output says why,
where it cannot be read: ``damaged``.
"""

import resource
import sys

#: Address space in bytes, processor seconds.
MEMORY = 400 * 1024 * 1024
CPU = 15


def limit_self() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    limit_self()
    import mammoth

    try:
        with open(sys.argv[1], "rb") as source:
            made = mammoth.convert_to_html(
                source,
                style_map="p[style-name='标题 1'] => h2:fresh\np[style-name='标题 2'] => h3:fresh",
                convert_image=mammoth.images.img_element(lambda image: {}),
                ignore_empty_paragraphs=True,
            )
    except Exception:
        # Whatever the library meets in a strange file: the parent says what to do about it.
        sys.stdout.write("damaged")
        return 1
    sys.stdout.buffer.write(made.value.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
