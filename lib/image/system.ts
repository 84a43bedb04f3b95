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
  /** What the Erlang of a release is linked with, or asks for, each with what it is for. */
  readonly needed: Readonly<Record<string, string>>;
  /** The rule of hadolint that wants a version of each package. */
  readonly pinning: string;
  /** Why that is not so here. */
  readonly unpinned: string;
  /** What is done so that packages stay in the builder's cache; empty where nothing is. */
  readonly cached: string;
  /** Installs packages, with BuildKit's caches or without. */
  readonly install: (packages: readonly string[], stage: string, buildKit: boolean) => readonly string[];
}

const CERTIFICATES = 'the authorities that TLS trusts';
const SHELL = 'the shell of `remote`';
const JIT = "the emulator's JIT";
const CRYPTO = 'the libraries of `:crypto`';

/** The system that an application is built and run on. */
export function systemOf(source: ImageSource): System {
  return 'debian' in source ? debian(source.debian) : alpine(source.alpine);
}

function debian(release: string): System {
  const [name = ''] = release.split('-');
  return {
    tag: `debian-${release}`,
    runner: `docker.io/library/debian:${release}`,
    node: 'slim',
    compiler: 'build-essential',
    needed: {
      'ca-certificates': CERTIFICATES,
      libncurses6: SHELL,
      'libstdc++6': JIT,
      openssl: CRYPTO,
    },
    pinning: 'DL3008',
    unpinned: 'Without versions: Debian keeps the newest of each alone, and an older one would stop the build.',
    cached: " They stay in the builder's cache, which Debian's image would empty.",
    install: (packages, stage, buildKit) => {
      const update = 'apt-get update';
      const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
      if (!buildKit) return [`RUN ${update} \\`, `    && ${install} \\`, '    && rm -rf /var/lib/apt/lists/*'];
      return [
        // Each stage has its own: Podman 4.3 waits for itself, for ever, where two of one build lock the same.
        `RUN --mount=type=cache,id=apt-cache-${name}-${stage},target=/var/cache/apt,sharing=locked \\`,
        `    --mount=type=cache,id=apt-lists-${name}-${stage},target=/var/lib/apt,sharing=locked \\`,
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
      'libstdc++': JIT,
      'ncurses-libs': SHELL,
      openssl: CRYPTO,
    },
    pinning: 'DL3018',
    unpinned: 'Without versions: Alpine keeps the newest of each alone, and an older one would stop the build.',
    cached: '',
    install: (packages) => [`RUN apk add --no-cache ${packages.join(' ')}`],
  };
}
