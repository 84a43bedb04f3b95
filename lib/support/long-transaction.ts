/** Minutes that a transaction may be open before somebody is told, whichever database it is. */
export const LONG_TRANSACTION = 30;
