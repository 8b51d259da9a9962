//! Who sees and changes a business: its owner, who made it, and those whom its members add.

use serde_json::json;
use shared::flow::{BusinessId, Member, Role};
use shared::limits::{BUSINESSES_MAX, MEMBERS_MAX};
use shared::problem::{Code, Problem};

use super::service::{TRIES, fixed, overtaken};
use super::{BUILTIN, Flows, no_such_business};
use crate::store::UserId;
use crate::store::flow::{Changed, Changing, StoredMember};

/// A member as `user` sees it.
fn shown(user: UserId, member: StoredMember) -> Member {
    let StoredMember { user: id, name, role } = member;
    Member { user_id: id, email: name, role, you: id == user }
}

fn no_such_member() -> Problem {
    Problem::new(Code::NotFound, "This business has no member of this id.")
}

impl Flows {
    /// The members of a business, the owner first; nobody for the built-in one, which everybody sees.
    ///
    /// # Errors
    /// `not_found` for a business that is not the user's; `database`.
    pub async fn members(&self, user: UserId, business: BusinessId) -> Result<Vec<Member>, Problem> {
        if business == BUILTIN {
            return Ok(Vec::new());
        }
        let all = self.store.members(user, business).await?;
        if all.is_empty() {
            return Err(no_such_business());
        }
        Ok(all.into_iter().map(|member| shown(user, member)).collect())
    }

    /// Whether `user` may change a business.
    ///
    /// # Errors
    /// `not_found` for one that is not the user's, `forbidden` for the built-in one.
    pub async fn can_change(&self, user: UserId, business: BusinessId) -> Result<(), Problem> {
        if business == BUILTIN {
            return Err(fixed());
        }
        self.members(user, business).await.map(drop)
    }

    /// Lets the user of an account see and change a business too.
    ///
    /// # Errors
    /// Those of [`Flows::can_change`]; `conflict` if they do already, or if there are too many members or businesses.
    pub async fn add_member(&self, user: UserId, business: BusinessId, new: UserId) -> Result<Member, Problem> {
        self.can_change(user, business).await?;
        if self.store.businesses(new).await?.len() >= BUSINESSES_MAX {
            let text = format!("They are in {BUSINESSES_MAX} businesses, which is as many as there can be.");
            return Err(Problem::new(Code::Conflict, text));
        }
        for _ in 0..TRIES {
            // In this order: whoever is added meanwhile makes another version.
            let version = self.stored(user, business).await?.business.version;
            let members = self.members(user, business).await?;
            if members.iter().any(|member| member.user_id == new) {
                return Err(Problem::new(Code::Conflict, "They are a member of this business already."));
            }
            if members.len() >= MEMBERS_MAX {
                let text = format!("A business has at most {MEMBERS_MAX} members. Remove one first.");
                return Err(Problem::new(Code::Conflict, text));
            }
            let detail = json!({"role": Role::Member});
            let change = Changing::Member(new);
            match self.write(user, business, version, change, "member.added", new, &detail).await? {
                Changed::Yes(_) => {
                    let members = self.members(user, business).await?;
                    return members.into_iter().find(|member| member.user_id == new).ok_or_else(no_such_member);
                }
                Changed::NotThere => return Err(no_such_business()),
                Changed::Overtaken => {}
            }
        }
        Err(overtaken())
    }

    /// Takes a member out of a business; members can take out themselves. Their conversations that followed its flow go
    /// on with the built-in one.
    ///
    /// # Errors
    /// Those of [`Flows::can_change`]; `not_found` for no member, `conflict` for the owner.
    pub async fn remove_member(&self, user: UserId, business: BusinessId, member: UserId) -> Result<(), Problem> {
        self.can_change(user, business).await?;
        for _ in 0..TRIES {
            let version = self.stored(user, business).await?.business.version;
            let members = self.members(user, business).await?;
            let found = members.into_iter().find(|other| other.user_id == member).ok_or_else(no_such_member)?;
            if found.role == Role::Owner {
                let text = "The owner of a business stays in it; to be rid of both, its owner deletes the business.";
                return Err(Problem::new(Code::Conflict, text));
            }
            let detail = json!({"role": found.role});
            let change = Changing::NoMember(member);
            match self.write(user, business, version, change, "member.removed", member, &detail).await? {
                Changed::Yes(_) => return Ok(()),
                Changed::NotThere => return Err(no_such_business()),
                Changed::Overtaken => {}
            }
        }
        Err(overtaken())
    }

    /// # Errors
    /// `forbidden` for a member who did not make the business.
    pub(super) async fn only_its_owner(&self, user: UserId, business: BusinessId) -> Result<(), Problem> {
        let owns = |member: &Member| member.you && member.role == Role::Owner;
        if self.members(user, business).await?.iter().any(owns) {
            return Ok(());
        }
        let text = "Only its owner can delete a business. You can leave it: remove yourself from its members.";
        Err(Problem::new(Code::Forbidden, text))
    }
}
