import type { Manifest } from '../../support/edit';
import { map, scalar } from '../world/values';

/** The annotations of an object. */
export function annotationsOf(manifest: Manifest): Manifest {
  return map(map(manifest['metadata'])['annotations']);
}

/** Whether annotations speak of TLS towards browsers: a certificate, a port for it, a redirect to it, a proxy that ends it. */
export function saysTls(annotations: Manifest): boolean {
  return Object.entries(annotations).some(([name, given]) => {
    const value = scalar(given) ?? '';
    if (BEHIND.test(name) || /^(?:false|off|no|disabled|https?:\/\/.*)?$/i.test(value)) return false;
    return /tls|ssl|cert|https|websecure|cloudflare-proxied|termination/i.test(`${name} ${value}`);
  });
}

/** Annotations about the way on to the pods, about health, and for cert-manager, which writes a Secret and serves nothing. */
const BEHIND = /backend|upstream|server-ssl|proxy-ssl|health|^(?:[\w-]+\.)*cert-manager\.io\//i;

/** Classes whose controllers end TLS far away, or encrypt whatever the object says. */
export const TUNNELS = /tailscale|tunnel|cloudflare|ngrok/i;
