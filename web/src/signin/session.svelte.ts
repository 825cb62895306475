// Who is signed in and what they may do; for the police also what this shift's looks are for. Gone with the browser.
import { answered, client } from "../api/client";

class Session {
  token = $state(sessionStorage.getItem("token"));
  name = $state<string | null>(null);
  may = $state<Record<string, number>>({});
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
    this.may = me.may;
    this.name = me.name;
  }

  signOut(): void {
    sessionStorage.clear();
    this.token = this.name = null;
    this.may = {};
    this.purpose = "";
  }

  keep(purpose: string): void {
    this.purpose = purpose;
    sessionStorage.setItem("purpose", purpose);
  }
}

export const session = new Session();
