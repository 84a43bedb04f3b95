import { Chart } from 'cdk8s';
import { declare, declaredIn } from '../support/declare';
import type { EncryptedSecret } from '../support/facts';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import type { Parts } from './parts';

/** Asks that somebody decrypts what is encrypted, and tells how where people do. */
export function requireDecryption({ app, environment }: Parts): void {
  const { name, delivery = 'apply' } = environment;
  for (const one of declaredIn(app).encrypted) {
    const { secret, decryption } = one;
    const prop = 'source.sops.decryption';
    if (decryption !== undefined && !(decryption instanceof OptOut) && delivery !== 'flux') {
      const fix = 'leave it out: there no controller looks for a key';
      reject(secret, { prop, must: "name a Secret for delivery 'flux' alone", got: decryption.secret, fix });
    }
    if (decryption === undefined && (delivery === 'argo' || delivery === 'helm')) {
      const fix = `write OptOut.because('...') with who does, or take sealed or external: ${delivery === 'argo' ? 'Argo CD' : 'Helm'} cannot`;
      reject(secret, { prop, must: `say who decrypts with delivery '${delivery}'`, got: undefined, fix });
    }
    if (decryption === undefined && delivery === 'apply') declare(secret, { assumed: [howToApply(one, `dist/${name}`)] });
  }
}

function howToApply({ object, name }: EncryptedSecret, folder: string): string {
  const file = `${folder}/sops/${Chart.of(object).node.id}.k8s.yaml`;
  return `the Secret ${name} is encrypted, and kubectl apply -f ${folder} leaves it out; before: sops decrypt ${file} | kubectl apply -f -`;
}
