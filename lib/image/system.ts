import type { ImageSource } from '../release/image-source';

/** What an operating system calls what an image needs of it. */
export interface System {
  /** As it stands in the tags of Elixir's images. */
  readonly tag: string;
  /** What the release runs on. */
  readonly runner: string;
  /** Ending of the tags of Node's images. */
  readonly node: string;
  /** A compiler for C. */
  readonly compiler: string;
  /** What the Erlang of a release is linked with, or asks for, each with the reason. */
  readonly needed: Readonly<Record<string, string>>;
  /** The rule of hadolint that wants a version of each package. */
  readonly pinning: string;
  /** Installs packages, with BuildKit's caches or without. */
  readonly install: (packages: readonly string[], buildKit: boolean) => readonly string[];
}

const CERTIFICATES = 'whom to trust: without them no TLS goes out';
const SHELL = 'the shell of `remote`';

/** The system that an application is built and run on. */
export function systemOf(source: ImageSource): System {
  return 'debian' in source ? debian(source.debian) : alpine(source.alpine);
}

function debian(release: string): System {
  return {
    tag: `debian-${release}`,
    runner: `docker.io/library/debian:${release}`,
    node: 'slim',
    compiler: 'build-essential',
    needed: {
      'ca-certificates': CERTIFICATES,
      libncurses6: SHELL,
      'libstdc++6': "the emulator's JIT",
      openssl: 'its libraries are those of `:crypto`',
    },
    pinning: 'DL3008',
    install: (packages, buildKit) => {
      const update = 'apt-get update';
      const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
      if (!buildKit) return [`RUN ${update} \\`, `    && ${install} \\`, '    && rm -rf /var/lib/apt/lists/*'];
      return [
        'RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\',
        '    --mount=type=cache,target=/var/lib/apt,sharing=locked \\',
        // What Debian's images empty the cache with.
        '    rm -f /etc/apt/apt.conf.d/docker-clean \\',
        `    && ${update} \\`,
        `    && ${install}`,
      ];
    },
  };
}

function alpine(version: string): System {
  return {
    tag: `alpine-${version}`,
    runner: `docker.io/library/alpine:${version}`,
    node: 'alpine',
    compiler: 'build-base',
    needed: {
      'ca-certificates': CERTIFICATES,
      'libstdc++': "the emulator's JIT",
      'ncurses-libs': SHELL,
      openssl: 'its libraries are those of `:crypto`',
    },
    pinning: 'DL3018',
    install: (packages) => [`RUN apk add --no-cache ${packages.join(' ')}`],
  };
}
