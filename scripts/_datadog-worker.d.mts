export function buildWorker(folder: string): Promise<void>;
export function bundleDatadog(folder: string): Promise<void>;
