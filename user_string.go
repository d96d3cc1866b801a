package cometchat

// String describes the user as a person would write it, as in "Ada (ada), online": the name, the uid and the status, as far as
// they are known, on one line. It has nothing of the metadata. For all fields, write the user as JSON.
func (u User) String() string {
	text := u.Name
	switch {
	case u.UID == "" && u.Name == "":
		text = "user without a uid"
	case u.Name == "":
		text = u.UID
	case u.UID != "":
		text += " (" + u.UID + ")"
	}
	if u.Status != "" {
		text += ", " + u.Status
	}
	return oneLine(text)
}
