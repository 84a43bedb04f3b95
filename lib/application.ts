import { mixRelease, type PhoenixApplication } from './index';

/** The keys of the application's Secret. Each becomes a variable of that name. */
export const secretKeys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'] as const;

/** The facts of `kube_native` that no environment changes: an umbrella of `kube_native` and `kube_native_web`. */
export const application: PhoenixApplication = {
  name: 'kube-native',
  release: mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release' }),
  // Its runtime.exs has the lines of docs/public-url.md. As `mix phx.new --umbrella` leaves it: `reads: phxNew.umbrella`.
  port: 4000,
  health: { ready: '/' }, // the application has no health routes yet
  sockets: 1, // LiveView's
};

/** The database's name and its owner's. */
export const database = { database: 'kube_native', user: 'kube_native' } as const;
