// Who is signed in, and what the looks of this shift are for. Both are gone when the browser is closed.
import { answered, client } from "../api/client";

class Session {
  token = $state(sessionStorage.getItem("token"));
  name = $state<string | null>(null);
  purpose = $state(sessionStorage.getItem("purpose") ?? "");

  get headers(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  /** Sign in with an access token. Throws NoAnswer where the service does not take it. */
  async signIn(token: string): Promise<void> {
    const headers = { Authorization: `Bearer ${token}` };
    const me = await answered((signal) => client.GET("/v1/me", { headers, signal }));
    sessionStorage.setItem("token", token);
    this.token = token;
    this.name = me.name;
  }

  signOut(): void {
    sessionStorage.clear();
    this.token = this.name = null;
    this.purpose = "";
  }

  keep(purpose: string): void {
    this.purpose = purpose;
    sessionStorage.setItem("purpose", purpose);
  }
}

export const session = new Session();
