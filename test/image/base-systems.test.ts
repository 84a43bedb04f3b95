import { baseSystemRefusals } from '../../lib/image/base-systems';

const versions = { elixir: '1.18.4', otp: '27.3.4' } as const;
const trixie = { ...versions, debian: 'trixie-20260803-slim' };
const said = (builder?: string, runner?: string, source: Parameters<typeof baseSystemRefusals>[0] = trixie): readonly string[] =>
  baseSystemRefusals(source, {
    ...(builder === undefined ? {} : { builder: { image: builder } }),
    ...(runner === undefined ? {} : { runner: { image: runner } }),
  }).map(({ prop, must }) => `${prop}: ${must}`);

const linked = 'as the other stage is: the release is linked with the libraries of what it was built on';

test.each([
  ['an older Debian, which has no such glibc', undefined, 'docker.io/library/debian:bookworm-slim', 'runner', 'Debian trixie'],
  ['a newer builder', 'registry.example.com/elixir:1.18.4-forky', undefined, 'builder', 'Debian trixie'],
  ['another C library', undefined, 'docker.io/library/alpine:3.22.1', 'runner', 'Debian trixie'],
  ['another OpenSSL', 'elixir:1.14-bullseye', 'debian:bookworm-slim', 'runner', 'Debian bullseye'],
  ['an older Alpine', 'elixir:1.18.4-otp-27-alpine-3.22', 'alpine:3.20.1', 'runner', 'Alpine 3.22'],
])('fails with %s', (_what, builder, runner, stage, system) => {
  expect(said(builder, runner)).toEqual([`application.source.bases.${stage}.image: be of ${system}, ${linked}`]);
});

test.each([
  ['the usual images', undefined, undefined],
  [
    'a registry of one’s own',
    'registry.example.com/elixir:1.18.4-erlang-27.3.4-debian-trixie-20260803-slim',
    'registry.example.com/debian:trixie-slim',
  ],
  ['a newer Debian with the same OpenSSL', 'elixir:1.18.4-bookworm', undefined],
  ['a newer Alpine', 'elixir:1.18-alpine-3.21', 'alpine:3.22.1'],
  ['names that say nothing', 'registry.example.com/builder:7', 'registry.example.com/base:3'],
  ['Ubuntu, of which nothing is known', 'hexpm/elixir:1.18.4-erlang-27.3.4-ubuntu-noble-20260801', 'ubuntu:noble'],
])('takes %s', (_what, builder, runner) => {
  expect(said(builder, runner)).toEqual([]);
});
