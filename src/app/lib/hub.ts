/** The public hub, where models come from unless the user names a mirror. */
export const PUBLIC_HUB = 'https://huggingface.co';

export const trimSlash = (address: string): string => address.replace(/\/+$/, '');
