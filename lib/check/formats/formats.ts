/** The forms in which findings are written. */
export const FORMATS = ['text', 'json', 'sarif', 'github', 'junit'] as const;

export type Format = (typeof FORMATS)[number];
