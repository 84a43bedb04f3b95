/** What the makers of Secrets are told, whatever the source. */
export interface SecretShape {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
}
