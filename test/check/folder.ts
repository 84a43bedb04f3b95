import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { check, type CheckOptions, type CheckOutcome } from '../../lib/command/check';

/** A folder of its own for each test file, which the command works in. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'check-'));
  private readonly home = process.cwd();

  constructor() {
    process.chdir(this.path);
  }

  write(path: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), text);
  }

  remove(): void {
    process.chdir(this.home);
    rmSync(this.path, { recursive: true });
  }
}

/** What the command says of a text that is piped in. */
export function piped(text: string, options: CheckOptions = {}): CheckOutcome {
  return check(['-'], options, () => Buffer.from(text));
}

/** The rules that find something in a text. */
export function rulesIn(text: string, options: CheckOptions = {}): string[] {
  const { findings } = JSON.parse(piped(text, { ...options, format: 'json' }).text) as { findings: { rule: string }[] };
  return [...new Set(findings.map(({ rule }) => rule))];
}

/** An application as somebody writes it by hand. */
export const shop = `# The shop
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  PHX_HOST: shop.example.com
  PHX_SERVER: "true"
  PORT: "4000"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/shop:1.4.2
          command: [/app/bin/shop, start]
          envFrom:
            - configMapRef: {name: shop}
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: shop, key: DATABASE_URL}
          ports:
            - {name: http, containerPort: 4000}
          readinessProbe:
            httpGet: {path: /ready, port: http}
---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: {app: shop}
  ports:
    - port: 80
      targetPort: 4001
`;
