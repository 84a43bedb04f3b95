import { isIP } from 'node:net';

const PART = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
/** One label of a DNS name, of any length. */
export const LABEL = new RegExp(`^${PART}$`);
/** A DNS name in lower case, of any length. */
export const SUBDOMAIN = new RegExp(`^${PART}(?:\\.${PART})*$`);
const PREFIX = new RegExp(`^(?=[^/]{1,253}/)${PART}(?:\\.${PART})*/`);
const NAME = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;

/** Whether a text is one label of a DNS name, as the name of a container is. */
export function isLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** A label of a DNS name that begins with a letter, of any length, as names of Services do. */
export const LETTER_FIRST = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** Whether a text is the name of a host in lower case, each part of which is a label, and no address. */
export function isHost(text: string): boolean {
  return text.length <= 253 && text.split('.').every(isLabel) && !/^[\d.]+$/.test(text);
}

/** An address and how much of it is the network; undefined where a text is no range of addresses. */
export function rangeIn(text: string): { readonly address: string; readonly bits: number; readonly family: 4 | 6 } | undefined {
  const [, address = '', digits] = /^([^/%]+)\/(\d+)$/.exec(text) ?? [];
  const [family, bits] = [isIP(address), Number(digits)];
  return (family === 4 && bits <= 32) || (family === 6 && bits <= 128) ? { address, bits, family } : undefined;
}

/** Whether a path stays inside of the volume that it is in. */
export function isInVolume(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** Whether a text is the name of a variable in any release of Kubernetes: 1.32 and newer take more. */
export function isVariableName(text: string): boolean {
  return /^[-._A-Za-z][-._A-Za-z0-9]*$/.test(text);
}

/** `$(NAME)`, which stands for a variable, and `$$`, which is a dollar. */
export const REFERENCES = /\$\$|\$\(([\w.-]+)\)/g;

/** Whether a text is the name of a port of a container: a service name, which has a letter and single dashes. */
export function isPortName(text: string): boolean {
  return /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/.test(text);
}

/** Whether a text is a DNS name in lower case, as the names of most objects are. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** Whether a text can be a key of a ConfigMap or a Secret, which may become the name of a file. */
export function isKey(text: string): boolean {
  return /^[-._A-Za-z0-9]{1,253}$/.test(text) && text !== '.' && !text.startsWith('..');
}

/** Whether a text is a name that may have a DNS name and a slash before it, as keys of labels and conditions are. */
export function isQualifiedName(text: string): boolean {
  return NAME.test(text.replace(PREFIX, ''));
}

/** Whether a text can be the value of a label. */
export function isLabelValue(text: string): boolean {
  return text === '' || NAME.test(text);
}

/** What ends the names of what is made anew with each content. */
export const NAME_HASH = /-[0-9a-f]{10}$/;
