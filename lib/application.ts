import { mixRelease, OptOut, phxNew, publicUrlReads, type PhoenixApplication } from './index';

/** The facts of `kube_native` that no environment changes: an umbrella of `kube_native` and `kube_native_web`. */
export const application: PhoenixApplication = {
  name: 'kube-native',
  release: mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release' }),
  // Its runtime.exs is that of `mix phx.new --umbrella` with the lines of docs/public-url.md, docs/cluster.md and docs/database.md
  // that its environments use. As it is generated it reads neither PHX_SERVER nor PHX_HOST: `reads: phxNew.umbrella`.
  reads: [
    ...phxNew.umbrella,
    ...publicUrlReads,
    'PGSSLROOTCERT',
    'DATABASE_READ_URL',
    'LIBCLUSTER_NODE_BASENAME',
    'LIBCLUSTER_SELECTOR',
  ],
  port: 4000,
  health: { ready: '/', frontPage: OptOut.because('the application has no health route yet') },
  sockets: 1, // LiveView's
  // What dist/image/Dockerfile builds, in the folder above: docs/images.md. The versions are those of a tag of docker.io/hexpm/elixir.
  source: { elixir: '1.20.3', otp: '29.0.5', debian: 'trixie-20260803-slim', apps: ['kube_native', 'kube_native_web'] },
};
